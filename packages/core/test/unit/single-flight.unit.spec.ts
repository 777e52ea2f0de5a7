import { expect, it } from 'vitest'
import { singleFlight } from '../../src/store.js'

const held = () => {
  const started: string[] = []
  const ends: ((error?: Error) => void)[] = []
  const ask = singleFlight((key: string) => {
    started.push(key)
    return new Promise<string>((resolve, reject) =>
      ends.push((error) => (error ? reject(error) : resolve(`${key} ${started.length}`))),
    )
  })
  return { started, ends, ask }
}

it('shares the result of work in flight, and starts again afterwards', async () => {
  const { started, ends, ask } = held()
  const answers = [ask('a'), ask('a')]
  ends[0]?.()
  expect(await Promise.all(answers)).toEqual(['a 1', 'a 1'])
  const again = ask('a')
  ends[1]?.()
  expect([await again, started]).toEqual(['a 2', ['a', 'a']])
})

it('separates keys', () => {
  const { started, ask } = held()
  void ask('a')
  void ask('b')
  void ask('a')
  expect(started).toEqual(['a', 'b'])
})

it('shares an error, and does not keep it', async () => {
  const { ends, ask } = held()
  const failed = Promise.allSettled([ask('a'), ask('a')])
  ends[0]?.(new Error('away'))
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = ask('a')
  ends[1]?.()
  expect(await next).toBe('a 2')
})

it('can derive the key from an input', async () => {
  const asked: number[] = []
  const ask = singleFlight(
    async ({ id, at }: { readonly id: string; readonly at: number }) => {
      asked.push(at)
      return id
    },
    ({ id }) => id,
  )
  expect(await Promise.all([ask({ id: 'a', at: 1 }), ask({ id: 'a', at: 2 }), ask({ id: 'b', at: 3 })])).toEqual([
    'a',
    'a',
    'b',
  ])
  expect(asked).toEqual([1, 3])
})
