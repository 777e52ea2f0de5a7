import { signedToken } from '../http/load/requests.js'
import { type StartedProgram, serverProgram, startProgram } from '../http/server-process.js'
import type { Stage } from './stage.js'

const secret = 'a secret of the measurement of many shops'

export const productId = 'mug'

/** A token for one shop. */
export const tokenIn = (shopId: string, userId: string, scope = ''): string =>
  signedToken({ sub: userId, shop: shopId, scope }, secret)

export interface ServedShops {
  readonly port: number
  stop(): Promise<void>
}

/** The server of the shops of a file, as it is published. */
export const serveShops = async ({ environment }: Stage): Promise<ServedShops> => {
  const variables = { ...environment, SHOP_JWT_SECRET: secret, SHOP_RATE_LIMIT: '0' }
  const { output, stop }: StartedProgram = await startProgram(serverProgram(), variables)
  return { port: Number(/^Listening on http:\/\/[^ ]+:(\d+) /m.exec(output)?.[1]), stop }
}

/** Calls a shop as an administrator. Throws unless it succeeds. */
const administer = async (port: number, shopId: string, path: string, body: unknown): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenIn(shopId, 'root', 'shop:admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} of ${shopId}: ${response.status} ${await response.text()}`)
}

/** A shop that has the product already keeps it. */
export const stock = (port: number, shopId: string): Promise<void> =>
  administer(port, shopId, '/api/admin/products', { productId, name: 'Mug', price: 100, stock: 1_000_000_000 }).catch(
    (error: unknown) => {
      if (!String(error).includes(' 409 ')) throw error
    },
  )
