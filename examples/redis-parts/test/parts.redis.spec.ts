import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDoors } from '../src/open-doors.js'
import { rankSongs } from '../src/rank-songs.js'
import { showCatalogue } from '../src/show-catalogue.js'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** Nothing listens on this port. */
const away = 'redis://127.0.0.1:1'

test('the gate stops visitors once the box office is sold out', async () => {
  const { seated, asked } = await openDoors(redis.url, { seats: 20, people: 500 })
  expect(seated).toBe(20)
  expect(asked).toBeLessThanOrEqual(40)
})

test('without Redis the box office serves every visitor itself', async () => {
  expect(await openDoors(away, { seats: 20, people: 100 })).toEqual({ seated: 20, asked: 100 })
})

test('the catalogue is read once until it changes', async () => {
  expect(await showCatalogue(redis.url, 50)).toEqual({ shown: ['Lua in one evening', 'Locks and keys'], reads: 2 })
})

test('the chart counts every day in full', async () => {
  const chart = {
    before: [
      { productId: 'evergreen', sold: 27 },
      { productId: 'hit-0-1', sold: 10 },
      { productId: 'hit-0-2', sold: 10 },
    ],
    after: [{ productId: 'hit-0-5', sold: 50 }],
  }
  expect(await rankSongs(redis.url)).toEqual(chart)
  expect(await rankSongs(away)).toEqual(chart)
})
