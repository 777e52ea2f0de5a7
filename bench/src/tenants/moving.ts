import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { atMost, type Row, seconds } from '../report/rows.js'
import { query } from '../stage/postgres.js'
import { productId, type ServedShops, serveShops, stock, tokenIn } from './served.js'
import type { TenantsSettings } from './settings.js'
import type { Stage } from './stage.js'

const buyers = 8
const readers = 2
const retryMs = 100

/** What callers of a shop saw while it moved. */
class Witness {
  readonly acknowledged: string[] = []
  /** When each was acknowledged. */
  readonly at: number[] = []
  refusedWrites = 0
  reads = 0
  /** Unexpected answers, counted by their text. */
  readonly unexpected = new Map<string, number>()
  isOver = false

  note(answer: string): void {
    this.unexpected.set(answer, (this.unexpected.get(answer) ?? 0) + 1)
  }

  /** The longest time without an order. */
  get stillMs(): number {
    return Math.max(...this.at.map((at, index) => at - (this.at[index - 1] ?? at)))
  }
}

const orderOnce = async (port: number, shopId: string, userId: string, key: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/api/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokenIn(shopId, userId)}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ userId, products: [{ productId, quantity: 1 }] }),
  })

/** Repeats each order with its key until it is acknowledged, at one server and the other. */
const buy = async (servers: readonly ServedShops[], shopId: string, userId: string, witness: Witness) => {
  for (let attempt = 0; !witness.isOver; ) {
    const key = randomUUID()
    for (;;) {
      attempt += 1
      const { port } = servers[attempt % servers.length] as ServedShops
      const response = await orderOnce(port, shopId, userId, key)
      const body = await response.text()
      if (response.status === 201) {
        witness.acknowledged.push(JSON.parse(body).orderId)
        witness.at.push(performance.now())
        break
      }
      if (response.status !== 503 || response.headers.get('retry-after') === null) {
        witness.note(`order ${response.status} ${body}`)
      }
      witness.refusedWrites += 1
      await pause(retryMs)
    }
  }
}

const read = async (servers: readonly ServedShops[], shopId: string, witness: Witness) => {
  const headers = { authorization: `Bearer ${tokenIn(shopId, 'ann')}` }
  for (let attempt = 0; !witness.isOver; attempt += 1) {
    const { port } = servers[attempt % servers.length] as ServedShops
    const response = await fetch(`http://127.0.0.1:${port}/api/products/${productId}`, { headers })
    const body = await response.text()
    witness.reads += 1
    if (!response.ok) witness.note(`read ${response.status} ${body}`)
    await pause(5)
  }
}

const idsIn = async (url: string, schema: string): Promise<readonly string[]> =>
  (await query(url, `select order_id as id from ${schema}.orders`)).map(({ id }) => String(id))

/** Moves a shop from one database to the other while two servers sell in it. */
export const moving = async (
  stage: Stage,
  { seconds: length }: TenantsSettings,
  show: (line: string) => void,
): Promise<readonly Row[]> => {
  const { shopId = '', schema = '' } = stage.shops[0] ?? {}
  const servers = [await serveShops(stage), await serveShops(stage)]
  const witness = new Witness()
  try {
    await stock(servers[0]?.port ?? 0, shopId)
    const before = new Set(await idsIn(stage.databases.a.url, schema))
    const load = Promise.all([
      ...Array.from({ length: buyers }, (_, index) => buy(servers, shopId, `mover${index}`, witness)),
      ...Array.from({ length: readers }, () => read(servers, shopId, witness)),
    ])
    // A caller that fails must end the measurement, not wait for the move.
    load.catch(() => undefined)
    const [aroundMs, wait] = length < 1 ? [500, '6'] : [5_000, '10']
    await pause(aroundMs)
    show(`moving a shop with ${before.size + witness.acknowledged.length} orders under load`)
    const moved = await Promise.race([stage.run(['move', shopId, '--database', 'b', '--wait', wait]), load])
    if (Array.isArray(moved)) throw new Error('the load ended before the move')
    const movedAt = performance.now()
    // Servers notice within some seconds that the shop accepts writes again.
    while ((witness.at.at(-1) ?? 0) < movedAt) await Promise.race([pause(50), load])
    await pause(aroundMs)
    witness.isOver = true
    await load
    await stage.run(['audit', shopId])
    const after = await idsIn(stage.databases.b.url, schema)
    const kept = new Set(after)
    const lost = [...before, ...witness.acknowledged].filter((id) => !kept.has(id)).length
    const twice = after.length - before.size - witness.acknowledged.length
    const left = await query(stage.databases.a.url, `select nspname from pg_namespace where nspname = '${schema}'`)
    if (left.length > 0) throw new Error('the old schema keeps its name')
    for (const [answer, count] of witness.unexpected) show(`${count} × ${answer}`)
    const unexpected = [...witness.unexpected.values()].reduce((sum, count) => sum + count, 0)
    const number = (value: number) => value.toLocaleString('en')
    return [
      {
        what: `Moving a shop with ${number(before.size)} orders while two servers sell in it (waits included): longest time without an order`,
        value: seconds(witness.stillMs),
      },
      atMost(`Orders lost, of ${number(before.size + witness.acknowledged.length)} acknowledged`, lost, 0, number),
      atMost('Orders made twice by callers that repeat them with their key', twice, 0, number),
      atMost(
        `Answers other than success or 503 with Retry-After, of ${number(witness.reads)} reads and ${number(witness.acknowledged.length + witness.refusedWrites)} writes`,
        unexpected,
        0,
        number,
      ),
    ]
  } finally {
    witness.isOver = true
    await Promise.all(servers.map((server) => server.stop()))
  }
}
