import { isShopUnavailable } from '@shop/core'
import { describe, expect, test } from 'vitest'
import { FairTurns } from '../../src/tenants/fair-turns.js'

/** Requests that run until they are told to end, in the order in which they began. */
const requestsOf = (turns: FairTurns) => {
  const running: { readonly shopId: string; end: () => void }[] = []
  const begun: string[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    begun,
    running: (shopId: string) => running.filter((each) => each.shopId === shopId).length,
    ask: (shopId: string, database = 'a') =>
      turns.run(
        shopId,
        database,
        () =>
          new Promise<void>((resolve) => {
            begun.push(shopId)
            running.push({ shopId, end: resolve })
          }),
      ),
    async end(count: number) {
      for (let left = count; left > 0; left -= 1) {
        running.shift()?.end()
        await settle()
      }
    },
    settle,
  }
}

const asked = async (requests: ReturnType<typeof requestsOf>, shopId: string, count: number) => {
  for (let left = count; left > 0; left -= 1) void requests.ask(shopId)
  await requests.settle()
}

describe('turns of many shops', () => {
  test('a shop that is alone runs up to its own limit', async () => {
    const requests = requestsOf(new FairTurns({ maxRunningAlone: 4, maxRunningPerShop: 2 }))
    await asked(requests, 'books', 6)
    expect(requests.running('books')).toBe(4)
    await requests.end(2)
    expect(requests.begun.length).toBe(6)
  })

  test('a rush in one shop leaves room for another: its first request runs at once', async () => {
    const requests = requestsOf(new FairTurns({ maxRunning: 10, maxRunningAlone: 8, maxRunningPerShop: 4 }))
    await asked(requests, 'rush', 100)
    await asked(requests, 'calm', 1)
    expect(requests.running('calm')).toBe(1)
  })

  test('while another shop is asked, a rush falls back to its share', async () => {
    let now = 0
    const turns = new FairTurns({ maxRunning: 10, maxRunningAlone: 8, maxRunningPerShop: 3, now: () => now })
    const requests = requestsOf(turns)
    await asked(requests, 'rush', 100)
    expect(requests.running('rush')).toBe(8)
    await asked(requests, 'calm', 1)
    await requests.end(7)
    expect(requests.running('rush')).toBe(3)
    // Nobody asks the other shop any more.
    now = 5_000
    await asked(requests, 'rush', 1)
    now = 7_000
    await asked(requests, 'rush', 1)
    await requests.end(2)
    expect(requests.running('rush')).toBe(8)
  })

  test('shops that wait take turns, however many requests each has', async () => {
    const requests = requestsOf(new FairTurns({ maxRunning: 1 }))
    await asked(requests, 'one', 1)
    await asked(requests, 'rush', 5)
    await asked(requests, 'two', 2)
    await requests.end(8)
    expect(requests.begun).toEqual(['one', 'rush', 'two', 'rush', 'two', 'rush', 'rush', 'rush'])
  })

  test('a database that hangs takes no place of the shops of another one', async () => {
    const requests = requestsOf(new FairTurns({ maxRunning: 2 }))
    for (const shopId of ['one', 'two', 'three']) void requests.ask(shopId, 'hanging')
    void requests.ask('four', 'well')
    await requests.settle()
    expect(requests.begun).toEqual(['one', 'two', 'four'])
  })

  test('refuses what would wait behind too many of its own shop, and no other', async () => {
    const turns = new FairTurns({ maxRunning: 1, maxWaitingPerShop: 2 })
    const requests = requestsOf(turns)
    await asked(requests, 'rush', 3)
    await expect(turns.run('rush', 'a', async () => {})).rejects.toSatisfy(isShopUnavailable)
    await asked(requests, 'calm', 1)
    await requests.end(4)
    expect(requests.begun).toEqual(['rush', 'rush', 'calm', 'rush'])
  })

  test('work that fails gives its place to the next', async () => {
    const turns = new FairTurns({ maxRunning: 1 })
    const failing = turns.run('one', 'a', () => Promise.reject(new Error('broken')))
    const next = turns.run('one', 'a', async () => 'done')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('done')
  })
})
