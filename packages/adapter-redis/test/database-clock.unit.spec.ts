import { expect, test } from 'vitest'
import { DatabaseClock } from '../src/database-clock.js'

/** A database that answers when the test says so. */
const openClock = () => {
  const answers: ((id: string) => void)[] = []
  const clock = new DatabaseClock(() => new Promise((resolve) => answers.push((id) => resolve({ id, now: 0 }))), {
    everyMs: 1_000,
    elapsedMs: () => 0,
  })
  const idOf = async (reading: ReturnType<DatabaseClock['read']>) => (await reading).id
  return { clock, answers, read: () => idOf(clock.read()) }
}

test('the id is kept, and asked for once by callers at the same time', async () => {
  const { answers, read } = openClock()
  const both = [read(), read()]
  expect(answers).toHaveLength(1)
  answers[0]?.('old')
  expect(await Promise.all(both)).toEqual(['old', 'old'])
  expect(await read()).toBe('old')
  expect(answers).toHaveLength(1)
})

test('a forgotten id is asked for at once', async () => {
  const { clock, answers, read } = openClock()
  const first = read()
  answers[0]?.('old')
  await first
  clock.forget()
  const second = read()
  answers[1]?.('new')
  expect(await second).toBe('new')
})

test('a question that was asked before does not bring the forgotten id back', async () => {
  const { clock, answers, read } = openClock()
  const before = read()
  clock.forget()
  const after = read()
  expect(answers).toHaveLength(2)
  answers[1]?.('new')
  expect(await after).toBe('new')
  answers[0]?.('old')
  await before
  expect(await read()).toBe('new')
  expect(answers).toHaveLength(2)
})
