import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Meter } from '../../src/demo/rush/meter.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const meter = (quantity = 10) => new Meter('grouped', 'tea', quantity, () => Date.now())

test('counts nothing before it begins', () => {
  const before = meter()
  before.onGroup({ size: 9 })
  expect(before.view()).toMatchObject({ state: 'waiting', answered: 0, groups: { count: 0 }, answersPerSecond: 0 })
})

test('counts outcomes, percentiles, groups and the remaining quantity', () => {
  const run = meter()
  run.begin()
  for (let ms = 1; ms <= 100; ms += 1) run.onOutcome(ms <= 4 ? 'won' : ms <= 99 ? 'refused' : 'unavailable', ms)
  run.onGroup({ size: 30 })
  run.onGroup({ size: 60 })
  vi.advanceTimersByTime(2_000)
  run.end()
  run.onGroup({ size: 1_000 })
  expect(run.view()).toMatchObject({
    state: 'done',
    elapsedMs: 2_000,
    answered: 100,
    won: 4,
    refused: 95,
    unavailable: 1,
    remaining: 6,
    answersPerSecond: 50,
    latencyMs: { p50: 50, p95: 95, p99: 99, max: 100 },
    groups: { count: 2, meanSize: 45, largest: 60 },
  })
})

test('a long run has a bounded number of samples that cover every response', () => {
  const run = meter(10_000)
  run.begin()
  for (let count = 0; count < 6_000; count += 1) {
    vi.advanceTimersByTime(10)
    run.onOutcome('won', 1)
  }
  run.end()
  const { samples } = run.view()
  expect(samples.length).toBeGreaterThan(100)
  expect(samples.length).toBeLessThan(240)
  expect(samples.at(-1)).toMatchObject({ atMs: 60_000, answered: 6_000, remaining: 4_000 })
  expect(Math.max(...samples.map(({ answersPerSecond }) => answersPerSecond))).toBeLessThan(110)
})

test('counts what each of two servers sold', () => {
  const race = new Meter('two-servers', 'tea', 10, () => Date.now())
  expect(race.servers).toBe(2)
  race.begin()
  race.onOutcome('won', 1, 0)
  race.onOutcome('won', 1, 1)
  race.onOutcome('refused', 1, 0)
  race.onOutcome('won', 1, 1)
  expect(race.view()).toMatchObject({ won: 3, wonByServer: [1, 2] })
})

test('what was sold is unknown until it is counted, and may differ from what buyers were told', () => {
  const run = meter(1)
  run.begin()
  run.onOutcome('won', 1)
  run.onOutcome('won', 1)
  run.end()
  expect(run.view()).toMatchObject({ sold: null, wonByServer: [2], remaining: -1 })
  run.onCounted(3)
  expect(run.view().sold).toBe(3)
})
