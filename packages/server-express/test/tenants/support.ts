import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test-support/database.js'
import { createShops, type ShopLocation, type ShopsOptions, type ShopsServer } from '../../src/index.js'
import { callerOf } from '../http/support/client.js'
import { secret, tokenFor } from '../http/support/tokens.js'

export type Shops = Record<string, ShopLocation>

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect responses of every shape
  readonly body: any
}

export interface CallOptions {
  /** The shop of the token. `null`: no token. @default the shop that is called */
  readonly tokenOf?: string | null
  /** @default an administrator */
  readonly as?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface ServedShops {
  readonly server: ShopsServer
  readonly port: number
  /** Where each shop is. Tests change it. */
  readonly shops: Shops
  /** Calls a shop as its host name, as an administrator of it. */
  call(shopId: string, method: string, path: string, options?: CallOptions): Promise<Answer>
}

export const domain = 'shops.example'

/** Serves shops by host name until the test ends. */
export const serveShops = async (shops: Shops, options: Partial<ShopsOptions> = {}): Promise<ServedShops> => {
  const server = await createShops({
    locate: async (shopId) => shops[shopId],
    list: async () => Object.keys(shops),
    tenants: { from: 'host', domain },
    auth: { secret },
    databasePool: 5,
    ...options,
  })
  onTestFinished(() => server.close())
  const { port }: AddressInfo = await server.listen(0)
  const send = callerOf(port)
  const call: ServedShops['call'] = async (shopId, method, path, given = {}) => {
    const { tokenOf = shopId, as = 'root', body, headers } = given
    const scope = as === 'root' ? 'shop:admin' : ''
    const token = tokenOf === null ? undefined : tokenFor(as, scope, { claims: { shop: tokenOf } })
    const host = { host: `${shopId}.${domain}`, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
    const { text, ...answer } = await send(method, path, { as: null, body, headers: { ...host, ...headers } })
    return { ...answer, body: answer.body ?? text }
  }
  return { server, port, shops, call }
}

/** Two databases for the tests of a file. */
export const twoDatabases = (): { readonly a: FreshDatabase; readonly b: FreshDatabase } => {
  const opened: FreshDatabase[] = []
  beforeAll(async () => {
    opened.push(await freshDatabase(), await freshDatabase())
  })
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.drop()))
  })
  const at = (index: number): FreshDatabase => {
    const database = opened[index]
    if (!database) throw new Error('the databases are not there yet')
    return database
  }
  return {
    get a() {
      return at(0)
    },
    get b() {
      return at(1)
    },
  }
}

/** Gives a shop a user with money, a product and a coupon, with the ids that every shop of the tests has. */
export const stock = async (
  { call }: ServedShops,
  shopId: string,
  { units = 10, money = 1_000 } = {},
): Promise<void> => {
  const done = async (method: string, path: string, body: unknown) => {
    const answer = await call(shopId, method, path, { body })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  await done('POST', '/api/users', { userId: 'mina' })
  await done('POST', '/api/balance/charge', { userId: 'mina', amount: money })
  await done('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 100, stock: units })
}

/** Resolves once the condition holds. */
export const eventually = async (condition: () => Promise<boolean> | boolean, what: string, ms = 15_000) => {
  const deadline = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`timed out: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Everything that the tables of a schema hold, for comparison. */
export const contentOf = async ({ knex }: FreshDatabase, schema: string): Promise<string> => {
  const { rows: tables } = await knex.raw('select tablename from pg_tables where schemaname = ? order by 1', [schema])
  const contents: string[] = []
  for (const { tablename } of tables as { tablename: string }[]) {
    // Leases and announcements of servers change without any call.
    if (tablename === 'leases') continue
    const { rows } = await knex.raw(
      `select coalesce(string_agg(t::text, E'\\n' order by t::text), '') as rows from ??.?? t`,
      [schema, tablename],
    )
    contents.push(`${tablename}: ${rows[0].rows}`)
  }
  return contents.join('\n')
}
