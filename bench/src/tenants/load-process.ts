import { type Drive, drive } from '../figures/drive.js'
import { Connection } from '../http/load/connection.js'
import { post } from '../http/load/requests.js'
import { answerParent } from '../processes/answer-parent.js'
import { productId, tokenIn } from './served.js'

/** A rush for the product of one shop. */
export interface RushQuestion {
  readonly port: number
  readonly shopId: string
  readonly connections: number
  readonly ms: number
}

/** `answers`: how many there were of each status. */
export type RushAnswer = Drive & { readonly answers: Readonly<Record<number, number>> }

const rush = async ({ port, shopId, connections: count, ms }: RushQuestion): Promise<RushAnswer> => {
  const connections = Array.from({ length: count }, () => new Connection(port))
  const requests = connections.map((_, index) => {
    const userId = `rusher${index}`
    return post('/api/orders', tokenIn(shopId, userId), { userId, products: [{ productId, quantity: 1 }] })
  })
  const answers: Record<number, number> = {}
  try {
    const figures = await drive(
      async (caller) => {
        const response = await connections[caller]?.send(requests[caller] ?? '')
        const status = response?.status ?? 0
        answers[status] = (answers[status] ?? 0) + 1
      },
      { callers: count, ms },
    )
    return { ...figures, answers }
  } finally {
    for (const connection of connections) connection.close()
  }
}

answerParent<RushQuestion, RushAnswer>(rush, async () => {})
