import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payRoyalties } from '../src/pay-royalties.js'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

test('one server computes and pays the royalties; the others skip it', async () => {
  expect(await payRoyalties(redis.url)).toEqual({
    outcomes: ['left to another', 'left to another', 'paid'],
    reckoned: 1,
    paid: 700,
  })
})

test('without Redis every server computes them, and the ledger still pays once', async () => {
  expect(await payRoyalties('redis://127.0.0.1:1')).toEqual({
    outcomes: ['paid', 'refused', 'refused'],
    reckoned: 3,
    paid: 700,
  })
})
