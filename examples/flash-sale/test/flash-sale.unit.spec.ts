import { inMemoryStore } from '@shop/core/in-memory'
import { createServer, type ShopServer } from '@shop/server-express'
import { afterEach, describe, expect, it } from 'vitest'
import { readArguments } from '../src/arguments.js'
import { chart } from '../src/chart.js'
import { runSale } from '../src/flash-sale.js'
import { Meter } from '../src/meter.js'

const open: ShopServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const listening = async (): Promise<string> => {
  const server = await createServer({ store: inMemoryStore(), auth: 'off', demoData: true })
  open.push(server)
  const { port } = await server.listen(0)
  return `http://127.0.0.1:${port}`
}

const watched = () => {
  const seen = { prepared: 0, sold: 0 }
  const watcher = {
    preparing: (done: number) => {
      seen.prepared = done
    },
    selling: ({ answered }: Meter) => {
      seen.sold = answered
    },
  }
  return { seen, watcher }
}

describe('a flash sale', () => {
  it.each(['coupons', 'stock'])('of %s has as many winners as the quantity, and breaks no law', async (kind) => {
    const args = [await listening(), '--kind', kind, '--quantity', '7', '--buyers', '40', '--concurrency', '16']
    const { seen, watcher } = watched()
    const result = await runSale(readArguments(args, {}), watcher)
    expect(result).toMatchObject({ answered: 40, won: 7, refused: 33, failed: 0, soldAll: true, violations: 0 })
    expect(seen).toEqual({ prepared: 40, sold: 40 })
    expect(result.samples.at(-1)).toMatchObject({ answered: 40, won: 7 })
  })

  it('has as many winners as buyers if the quantity suffices', async () => {
    const args = [await listening(), '--quantity', '20', '--buyers', '5']
    const result = await runSale(readArguments(args, {}), watched().watcher)
    expect(result).toMatchObject({ won: 5, refused: 0, soldAll: true })
  })
})

describe('the command line', () => {
  it('has defaults, and reads the token from the environment', () => {
    expect(readArguments(['http://shop.test/'], { SHOP_TOKEN: 'abc' })).toEqual({
      baseUrl: 'http://shop.test',
      kind: 'coupons',
      quantity: 100,
      buyers: 1_000,
      concurrency: 64,
      token: 'abc',
      chart: 'flash-sale.svg',
    })
  })

  it.each([
    [[], 'base URL'],
    [['ftp://shop.test'], 'base URL'],
    [['http://shop.test', 'more'], 'base URL'],
    [['http://shop.test', '--buyers', '0'], '--buyers'],
    [['http://shop.test', '--quantity', '1e3'], '--quantity'],
    [['http://shop.test', '--kind', 'mugs'], '--kind'],
    [['http://shop.test', '--speed', '9'], '--speed'],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args, {})).toThrow(message)
  })
})

describe('the meter', () => {
  it('measures rates and latencies by its clock', async () => {
    let now = 0
    const meter = new Meter(4, () => now)
    for (const [took, ending] of [
      [10, 'won'],
      [20, 'won'],
      [30, 'refused'],
      [40, 'failed'],
    ] as const) {
      await meter.time(async () => {
        now += took
        return ending
      })
    }
    expect(meter.finish()).toMatchObject({
      elapsedMs: 100,
      answersPerSecond: 40,
      won: 2,
      refused: 1,
      failed: 1,
      latencyMs: { p50: 20, p95: 40, p99: 40, max: 40 },
    })
  })
})

describe('the chart', () => {
  it('draws responses rising and the remaining quantity falling, from edge to edge', async () => {
    let now = 0
    const meter = new Meter(2, () => now)
    for (const ending of ['won', 'refused'] as const) {
      now += 500
      await meter.time(async () => ending)
    }
    const svg = chart('2 buyers for 1', meter.finish(), 1)
    const points = [...svg.matchAll(/points="([^"]+)"/g)].map(([, text]) => (text as string).split(' '))
    expect(points.map((each) => [each[0], each.at(-1)])).toEqual([
      ['48.0,312.0', '752.0,48.0'],
      ['48.0,48.0', '752.0,312.0'],
    ])
    expect(svg).toContain('<title>2 buyers for 1</title>')
  })
})
