import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { codesOf, type OpenServer, openServer } from './support/open-server.js'

const mistake = vi.hoisted(() => ({ isMade: false }))

/** With the mistake, the keys of a gate name the coupon but not the database. */
vi.mock('../../../adapter-redis/src/keys.js', async (original) => {
  const keys = await original<{ gateKeys(database: string, couponId: string): object }>()
  return {
    ...keys,
    gateKeys: (database: string, couponId: string) => keys.gateKeys(mistake.isMade ? 'any' : database, couponId),
  }
})

let database: FreshDatabase
let redis: RedisServer

beforeAll(async () => {
  ;[database, redis] = await Promise.all([freshDatabase(), startRedis()])
})
afterAll(() => Promise.all([database.drop(), redis.stop()]))

/** Opens a shop in its own schema of the one database, with the one Redis. */
const open = async (schema: string): Promise<OpenServer> => {
  const server = await openServer({
    databaseUrl: database.url,
    schema,
    databasePool: 2,
    scheduler: false,
    redis: { urls: [redis.url] },
  })
  const coupon = { name: 'Opening', discount: { kind: 'fixed', amount: 1 }, quantity: 2 }
  const validUntil = new Date(Date.now() + 3_600_000).toISOString()
  const created = await server.call('POST', '/api/admin/coupons', { couponId: 'opening', ...coupon, validUntil })
  expect(created.status).toBe(201)
  return server
}

const claim = async ({ call }: OpenServer, ...users: readonly string[]): Promise<readonly string[]> => {
  const codes: string[] = []
  for (const userId of users) {
    codes.push(...codesOf([await call('POST', '/api/coupon/issue', { userId, couponId: 'opening' })]))
  }
  return codes
}

/** What the second shop answers once the gate of the first one refuses by itself, for the same coupon id. */
const answersOfSecondShop = async (schemas: readonly [string, string]): Promise<readonly string[]> => {
  const [books, music] = [await open(schemas[0]), await open(schemas[1])]
  try {
    expect(await claim(books, 'ann', 'ben', 'cat')).toEqual(['ok', 'ok', 'COUPON_SOLD_OUT'])
    const refused = async (verdict: string) => {
      await claim(books, 'ann', 'cat')
      return books.metric('shop_coupon_gate_total', `verdict="${verdict}"`)
    }
    await expect.poll(() => refused('issued'), { timeout: 20_000 }).toBeGreaterThan(0)
    await expect.poll(() => refused('sold-out'), { timeout: 20_000 }).toBeGreaterThan(0)
    return await claim(music, 'ann', 'cat', 'dan', 'ann')
  } finally {
    await Promise.all([books.close(), music.close()])
  }
}

const ownAnswers = ['ok', 'ok', 'COUPON_SOLD_OUT', 'COUPON_ALREADY_ISSUED']

test('two schemas on one Redis share no gate', async () => {
  expect(await answersOfSecondShop(['books', 'music'])).toEqual(ownAnswers)
}, 60_000)

test('a gate shared by two shops is noticed', async () => {
  mistake.isMade = true
  expect(await answersOfSecondShop(['more_books', 'more_music'])).not.toEqual(ownAnswers)
}, 60_000)
