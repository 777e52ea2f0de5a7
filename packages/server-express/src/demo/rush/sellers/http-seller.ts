import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import type { BuyerOutcome } from '../meter.js'
import type { RushKind } from '../rush.js'
import type { Seller } from './seller.js'

/** Two sockets of this process are needed for each connection. */
const maxConnections = 500

/** Connections that a run with this many buyers at once opens. */
export const httpConnections = (concurrency: number): number => Math.min(concurrency, maxConnections)

interface HttpSellerOptions {
  /** The address of this server, with the path under which the shop is mounted. */
  readonly baseUrl: string
  readonly kind: RushKind
  readonly subjectId: string
  readonly connections: number
  readonly buyerOf: (index: number) => string
  /** The token of each buyer, by index. Undefined if the server needs none. */
  readonly tokens: readonly string[] | undefined
}

interface Reply {
  readonly status: number
  readonly body: { readonly orderId?: string; readonly status?: string }
}

const outcomeOf = (status: number): BuyerOutcome => {
  if (status < 300) return 'won'
  return status < 500 && status !== 429 ? 'refused' : 'unavailable'
}

/** Sells by requests to this server, with a token and an idempotency key each, as clients do. */
export const httpSeller = (options: HttpSellerOptions): Seller => {
  const { baseUrl, kind, subjectId, buyerOf, tokens } = options
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })

  const post = (index: number, path: string, body: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const content = JSON.stringify(body)
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(content)),
        'idempotency-key': randomUUID(),
      }
      const token = tokens?.[index]
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      request(`${baseUrl}${path}`, { method: 'POST', agent, headers }, (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk
          })
          .on('error', reject)
          .on('end', () => {
            // A host or a proxy may answer with another format, and an error thrown here would end the process.
            try {
              resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) })
            } catch (error) {
              reject(error)
            }
          })
      })
        .on('error', reject)
        .end(content)
    })

  const buy = async (index: number): Promise<BuyerOutcome> => {
    const userId = buyerOf(index)
    if (kind === 'coupons') {
      return outcomeOf((await post(index, '/api/coupon/issue', { userId, couponId: subjectId })).status)
    }
    const placed = await post(index, '/api/orders', { userId, products: [{ productId: subjectId, quantity: 1 }] })
    const outcome = outcomeOf(placed.status)
    if (outcome !== 'won' || placed.body.status === 'paid') return outcome
    return outcomeOf((await post(index, '/api/payments', { userId, orderId: placed.body.orderId })).status)
  }

  return {
    attempt: (index) => buy(index).catch(() => 'unavailable'),
    async close() {
      agent.destroy()
    },
  }
}
