import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { serveShops, twoDatabases } from './support.js'

const databases = twoDatabases()
let replaced: string | undefined

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], shouldAdvanceTime: true })
})
afterEach(async () => {
  vi.useRealTimers()
  if (replaced) await databases.b.knex.raw('drop database ?? with (force)', [replaced])
})

/** Puts a copy in the place of a database, as a restore does: its identity is another one. */
const replaceDatabase = async (): Promise<void> => {
  const admin = databases.b.knex
  const name = new URL(databases.a.url).pathname.slice(1)
  const old = `${name}_old`
  await admin.raw('alter database ?? allow_connections false', [name])
  await admin.raw('select pg_terminate_backend(pid) from pg_stat_activity where datname = ?', [name])
  await admin.raw('alter database ?? rename to ??', [name, old])
  replaced = old
  await admin.raw('create database ?? template ??', [name, old])
}

test('what a shop has lost shows in readiness and in its own count, until it is acknowledged', {
  timeout: 60_000,
}, async () => {
  const place = (schema: string) => ({ database: databases.a.url, schema })
  const shops = { books: place('books'), music: place('music') }
  const { call } = await serveShops(shops, { scheduler: false })
  const register = (shopId: string, userId: string) => call(shopId, 'POST', '/api/users', { body: { userId } })
  const history = async () => (await call('nowhere', 'GET', '/readyz', { tokenOf: null })).body.checks.history
  const counts = async () => {
    const { body } = await call('nowhere', 'GET', '/metrics', { tokenOf: null })
    return [...(body as string).matchAll(/^shop_acknowledged_lost_total.*$/gm)].map(([line]) => line)
  }
  for (const shopId of ['books', 'music']) expect((await register(shopId, 'kept')).status).toBe(201)
  // The marks of the two have the same age otherwise.
  await databases.a.knex.raw(`update books.groups set at = at - interval '1 minute'`)
  expect((await register('books', 'lost')).status).toBe(201)
  expect([await history(), await counts()]).toEqual([undefined, []])

  await databases.a.knex.raw(`delete from books.groups where at = (select max(at) from books.groups)`)
  await replaceDatabase()
  const asked = async () => {
    await Promise.all(['books', 'music'].map((shopId) => call(shopId, 'GET', '/api/products')))
    return history()
  }
  const detail = 'open shops that lost acknowledged commands: 1'
  await expect.poll(asked, { timeout: 40_000, interval: 200 }).toEqual({ status: 'degraded', detail })
  await expect.poll(counts).toEqual(['shop_acknowledged_lost_total{shop="books"} 1'])

  // Nobody asks for the shops here any more, and another server acknowledges the losses.
  vi.advanceTimersByTime(20_000)
  const other = await serveShops(shops, { scheduler: false })
  const { losses } = (await other.call('books', 'GET', '/api/admin/history/losses?open=true')).body
  for (const { lossId } of losses)
    await other.call('books', 'POST', `/api/admin/history/losses/${lossId}/acknowledge`, { body: {} })
  await expect.poll(history, { timeout: 20_000, interval: 200 }).toBeUndefined()
  expect((await other.call('music', 'GET', '/api/admin/history/losses')).body.losses).toEqual([])
})
