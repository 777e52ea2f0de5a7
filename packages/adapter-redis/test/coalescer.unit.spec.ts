import { expect, test } from 'vitest'
import { Coalescer } from '../src/coalescer.js'

test('items that arrive during a call form the next batch, in their order', async () => {
  const calls: (readonly number[])[] = []
  const bundler = new Coalescer<number, number>(async (_, items) => {
    calls.push(items)
    await new Promise((resolve) => setImmediate(resolve))
    return items.map((item) => item * 2)
  }, 3)
  const first = bundler.submit('a', 1)
  await Promise.resolve()
  await Promise.resolve()
  const rest = [2, 3, 4, 5].map((item) => bundler.submit('a', item))
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10])
  expect(calls).toEqual([[1], [2, 3, 4], [5]])
})

test('one failed call rejects its own items, two in a row reject all that wait', async () => {
  let calls = 0
  const bundler = new Coalescer<number, number>(async (_, items) => {
    calls += 1
    if (calls !== 2) throw new Error('away')
    return items
  }, 1)
  const settled = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((item) => bundler.submit('a', item)))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', ...Array(4).fill('rejected')])
  expect(calls).toBe(4)
  expect(await bundler.submit('b', 7).catch((error) => error.message)).toBe('away')
})
