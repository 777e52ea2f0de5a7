import { expect, test, vi } from 'vitest'
import { Outage } from '../src/database/outage.js'

const away = () => Promise.reject(new Error('away'))

test('repeats an attempt until the database is back', async () => {
  const attempt = vi
    .fn(away)
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValueOnce('connection' as never)
  const outage = new Outage(5_000, () => 0)
  expect(await outage.outlast(attempt)).toBe('connection')
  expect(attempt).toHaveBeenCalledTimes(2)
  expect(outage.isSuspected).toBe(false)
})

test('counts the time from the start of the outage, not of the attempt', async () => {
  let now = 0
  const outage = new Outage(5_000, () => now)
  outage.suspect()
  now = 5_000
  const late = vi.fn(away)
  await expect(outage.outlast(late)).rejects.toThrow('away')
  expect(late).toHaveBeenCalledTimes(1)
  expect(outage.isSuspected).toBe(true)
})

test('waits again in the next outage', async () => {
  let now = 0
  const outage = new Outage(5_000, () => now)
  outage.suspect()
  now = 60_000
  await outage.outlast(async () => 'connection')
  const attempt = vi
    .fn(away)
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValueOnce('connection' as never)
  expect(await outage.outlast(attempt)).toBe('connection')
})

test('with 0 never waits and suspects nothing', async () => {
  const outage = new Outage(0, () => 0)
  const attempt = vi.fn(away)
  await expect(outage.outlast(attempt)).rejects.toThrow('away')
  outage.suspect()
  expect(attempt).toHaveBeenCalledTimes(1)
  expect(outage.isSuspected).toBe(false)
})

test('does not wait for what is over', async () => {
  const attempt = vi.fn(away)
  await expect(new Outage(5_000, () => 0).outlast(attempt, () => true)).rejects.toThrow('away')
  expect(attempt).toHaveBeenCalledTimes(1)
})
