import { StoreError } from '@shop/core/store'
import { describe, expect, test } from 'vitest'
import { RequestRefused } from '../../../src/http/problem.js'
import { settle } from '../../support/manual-timer.js'
import { liveShop, Sink } from './support.js'

const refusalOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown)
  if (error instanceof RequestRefused) return error.problem
  throw new Error(`not refused: ${error}`)
}

describe('a watcher', () => {
  test('gets the present state at once, and then each change once', async () => {
    const { timer, put, watch, at } = liveShop()
    put('mug', { stock: 5, opensAt: at(-1_000), currency: 'USD' })
    const sink = await watch('mug')
    expect(sink.text).toBe(
      `event: product\nid: ${Date.parse(at(0))}\ndata: ${JSON.stringify({
        productId: 'mug',
        stock: 5,
        price: 100,
        opensAt: at(-1_000),
        now: at(0),
        currency: 'USD',
      })}\n\n`,
    )
    await timer.pass(1_000)
    put('mug', { stock: 4 })
    await timer.pass(1_000)
    put('mug', { price: 90 })
    await timer.pass(1_000)
    expect(sink.events.map(({ stock, price }) => [stock, price])).toEqual([
      [5, 100],
      [4, 100],
      [4, 90],
    ])
  })

  test('gets an event at the opening and at the closing, although no field changes', async () => {
    const { timer, put, watch, at } = liveShop()
    put('mug', { opensAt: at(500), closesAt: at(900) })
    const sink = await watch('mug')
    await timer.pass(2_000)
    expect(sink.events.map(({ now }) => now)).toEqual([at(0), at(600), at(1_000)])
  })

  test('gets no event for a name, a limit or metadata', async () => {
    const { timer, put, watch } = liveShop()
    put('mug')
    const sink = await watch('mug')
    put('mug', { name: 'Cup', purchaseLimit: 1, metadata: { a: 'b' } })
    await timer.pass(1_000)
    expect(sink.events).toHaveLength(1)
  })

  test('gets at most one event in 200 ms, also when its first one came between two reads', async () => {
    const { timer, put, watch } = liveShop()
    put('mug', { stock: 0 })
    const first = await watch('mug')
    await timer.pass(150)
    const later = await watch('mug')
    const seenAt: number[] = []
    for (let stock = 1; stock <= 100; stock += 1) {
      put('mug', { stock })
      const before = later.events.length
      await timer.pass(10)
      if (later.events.length > before) seenAt.push(timer.now())
    }
    await timer.pass(400)
    expect(seenAt[0]).toBeGreaterThanOrEqual(350)
    for (const [n, ms] of seenAt.slice(1).entries()) expect(ms - (seenAt[n] ?? 0)).toBeGreaterThanOrEqual(200)
    expect(later.stocks.at(-1)).toBe(100)
    expect(first.stocks.at(-1)).toBe(100)
  })

  test('gets a comment every 15 s', async () => {
    const { timer, put, watch } = liveShop()
    put('mug')
    const sink = await watch('mug')
    await timer.pass(14_900)
    expect(sink.text).not.toContain(':\n\n')
    await timer.pass(45_000)
    expect(sink.text.match(/^:$/gm)).toHaveLength(3)
  })

  test('that leaves frees its place, once', async () => {
    const { live, put, watch } = liveShop()
    put('mug')
    const sinks = [await watch('mug'), await watch('mug')]
    expect(live.size).toBe(2)
    sinks[0]?.destroy()
    await settle()
    expect(live.size).toBe(1)
    const stream = await live.watch('mug')
    stream.leave()
    stream.leave()
    expect(live.size).toBe(1)
  })

  test('that left before its first state occupies no place', async () => {
    const { live, put, reads, timer } = liveShop()
    put('mug')
    const gone = new Sink()
    gone.destroy()
    const stream = await live.watch('mug')
    stream.open(gone)
    expect(live.size).toBe(0)
    await timer.pass(1_000)
    expect(reads).toHaveLength(1)
  })
})

describe('reads', () => {
  test('are one per 200 ms for all watchers of all products, and none while nobody watches', async () => {
    const { timer, put, watch, reads } = liveShop({ maxStreams: 1_000 })
    for (const id of ['mug', 'lamp', 'pen']) put(id)
    await timer.pass(5_000)
    expect(reads).toEqual([])
    const sinks = []
    for (let n = 0; n < 300; n += 1) sinks.push(await watch(['mug', 'lamp', 'pen'][n % 3] as string))
    reads.length = 0
    await timer.pass(10_000)
    expect(reads).toHaveLength(50)
    expect(reads.every((ids) => ids.length === 3)).toBe(true)
    for (const sink of sinks) sink.destroy()
    await settle()
    await timer.pass(10_000)
    expect(reads).toHaveLength(50)
    expect(timer.size).toBe(0)
  })

  test('begin after a watcher came: an older one does not give it its first state', async () => {
    const { live, put, hold, reads } = liveShop()
    put('mug', { stock: 5 })
    const release = hold()
    const early = live.watch('mug')
    put('mug', { stock: 4 })
    const late = [live.watch('mug'), live.watch('mug')]
    await release()
    const [first, second] = [new Sink(), new Sink()]
    ;(await early).open(first)
    for (const each of await Promise.all(late)) each.open(second)
    await settle()
    expect(second.stocks[0]).toBe(4)
    expect(reads).toEqual([['mug'], ['mug']])
  })

  test('of a new watcher ask for its product alone', async () => {
    const { put, watch, reads } = liveShop()
    put('mug')
    put('lamp')
    await watch('mug')
    await watch('lamp')
    expect(reads).toEqual([['mug'], ['lamp']])
  })

  test('of more than 1,000 products are split', async () => {
    const { timer, put, watch, reads } = liveShop({ maxStreams: 2_000 })
    for (let n = 0; n < 1_001; n += 1) {
      put(`p${n}`)
      await watch(`p${n}`)
    }
    reads.length = 0
    await timer.pass(200)
    expect(reads.map((ids) => ids.length)).toEqual([1_000, 1])
  })
})

describe('a product that is not listed', () => {
  test('is refused before the limit of places, and occupies nothing', async () => {
    const { live, put, watch, timer } = liveShop({ maxStreams: 1 })
    put('mug')
    const sink = await watch('mug')
    expect(await refusalOf(live.watch('none'))).toMatchObject({
      code: 'PRODUCT_NOT_FOUND',
      facts: { productIds: ['none'] },
    })
    expect(await refusalOf(live.watch('mug'))).toMatchObject({ code: 'UNAVAILABLE', headers: { 'retry-after': '5' } })
    sink.destroy()
    await settle()
    expect(timer.size).toBe(0)
    await watch('mug')
    expect(live.size).toBe(1)
  })

  test('ends the streams of its watchers, and no others', async () => {
    const { live, timer, put, remove, watch } = liveShop()
    put('mug')
    put('lamp')
    const [mug, lamp] = [await watch('mug'), await watch('lamp')]
    remove('mug')
    await timer.pass(200)
    expect([mug.writableEnded, lamp.writableEnded]).toEqual([true, false])
    expect(mug.text).not.toContain('retry')
    expect(live.size).toBe(1)
  })
})

test('a stream that has ended gets nothing more, although its product comes back before the watcher has gone', async () => {
  const { timer, put, remove, watch } = liveShop()
  put('mug')
  const slow = await watch('mug')
  const errors: unknown[] = []
  slow.on('error', (error) => errors.push(error)).isReading = false
  put('mug', { stock: 2 })
  await timer.pass(200)
  remove('mug')
  await timer.pass(200)
  put('mug', { stock: 3 })
  await slow.read()
  await timer.pass(400)
  expect([errors, slow.stocks]).toEqual([[], [1, 2]])
})

describe('a store that is away', () => {
  const outage = new StoreError('unavailable', 'connect ECONNREFUSED')

  test('refuses new watchers; streams stay open and go on, with two lines in the log', async () => {
    const { live, timer, put, watch, fail, log } = liveShop()
    put('mug', { stock: 5 })
    const sink = await watch('mug')
    fail(outage)
    await timer.pass(30_000)
    await expect(live.watch('mug')).rejects.toBe(outage)
    await expect(live.watch('other')).rejects.toBe(outage)
    expect(sink.writableEnded).toBe(false)
    expect(sink.text.match(/^:$/gm)).toHaveLength(2)
    put('mug', { stock: 3 })
    fail(undefined)
    await timer.pass(200)
    expect(sink.stocks).toEqual([5, 3])
    expect(log).toEqual(['live products cannot be read', 'live products can be read again'])
  })

  test('that does not answer holds nobody up for longer than three seconds', async () => {
    const { live, timer, put, watch, hold } = liveShop()
    put('mug', { stock: 5 })
    const sink = await watch('mug')
    const release = hold()
    const waiting = refusalOf(live.watch('mug'))
    await timer.pass(3_500)
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' })
    await release()
    put('mug', { stock: 4 })
    await timer.pass(3_500)
    expect(sink.stocks).toEqual([5, 4])
  })
})
