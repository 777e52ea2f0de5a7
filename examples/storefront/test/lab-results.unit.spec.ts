import { describe, expect, test } from 'vitest'
import {
  added,
  comparedRuns,
  decades,
  logPosition,
  niceCeiling,
  oversoldIn,
  progressOf,
  type Rush,
  type RushRun,
} from '../src/lab/results.js'

const run = (over: Partial<RushRun>): RushRun => ({
  mode: 'grouped',
  state: 'done',
  subjectId: 'tea',
  elapsedMs: 100,
  answered: 50,
  won: 10,
  refused: 40,
  unavailable: 0,
  remaining: 0,
  sold: 10,
  wonByServer: [10],
  connections: 0,
  answersPerSecond: 500,
  latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
  groups: { count: 1, meanSize: 50, largest: 50 },
  samples: [],
  ...over,
})

const rush = (rushId: string, modes: readonly RushRun['mode'][], over: Partial<Rush> = {}): Rush => ({
  rushId,
  kind: 'stock',
  quantity: 10,
  buyers: 50,
  concurrency: 20,
  modes: [...modes],
  state: 'done',
  prepared: 50,
  runs: modes.map((mode) => run({ mode, subjectId: `${rushId} ${mode}` })),
  proofs: [],
  laws: [],
  ...over,
})

const subjects = (rushes: readonly Rush[]) => comparedRuns(rushes).map(({ subjectId }) => subjectId)

describe('runs side by side', () => {
  test('are the latest of each mode, in one order, without the race', () => {
    const old = rush('old', ['grouped', 'naive'])
    const rushes = [rush('race', ['two-servers']), rush('new', ['http']), rush('newer', ['grouped']), old]
    expect(subjects(rushes)).toEqual(['newer grouped', 'new http', 'old naive'])
  })

  test('are of one plan: another one forgets them', () => {
    const first = added([], rush('a', ['grouped']))
    const both = added(first, rush('b', ['http']))
    expect(subjects(both)).toEqual(['a grouped', 'b http'])
    for (const over of [{ quantity: 11 }, { buyers: 51 }, { concurrency: 21 }, { kind: 'coupons' } as const]) {
      expect(subjects(added(both, rush('c', ['naive'], over)))).toEqual(['c naive'])
    }
  })

  test('follow the progress of a rush without repeating it', () => {
    const running = added([rush('a', ['grouped'])], rush('b', ['http'], { state: 'running' }))
    expect(added(running, rush('b', ['http'])).map(({ rushId, state }) => [rushId, state])).toEqual([
      ['b', 'done'],
      ['a', 'done'],
    ])
  })
})

test('what was sold too much is counted in the database, and until then as told to buyers', () => {
  expect(oversoldIn(run({ won: 14, sold: 15 }), 10)).toBe(5)
  expect(oversoldIn(run({ won: 14, sold: null }), 10)).toBe(4)
  expect(oversoldIn(run({ won: 9, sold: 9 }), 10)).toBe(0)
})

test('progress counts preparing as much as a run, and ends at 1', () => {
  const answered = (count: number) => ['grouped', 'naive'].map(() => run({ answered: count }))
  expect(progressOf(rush('a', ['grouped'], { state: 'preparing', prepared: 25, runs: answered(0) }))).toBeCloseTo(1 / 6)
  expect(progressOf(rush('a', ['grouped'], { state: 'running', runs: answered(25) }))).toBeCloseTo(2 / 3)
  expect(progressOf(rush('a', ['grouped'], { state: 'failed', runs: answered(0) }))).toBe(1)
})

describe('scales', () => {
  test.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [5, 5],
    [120, 200],
    [5_001, 10_000],
  ])('%d ends at %d', (value, end) => {
    expect(niceCeiling(value)).toBe(end)
  })

  test('the log scale has fixed ends, unless a value lies outside', () => {
    expect(decades([])).toEqual([10, 100, 1_000, 10_000, 100_000])
    expect(decades([0, 500])).toEqual([10, 100, 1_000, 10_000, 100_000])
    expect(decades([3, 2_000_000])).toEqual([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000])
  })

  test('ten times as much is one line further', () => {
    const scale = decades([])
    expect([10, 100, 1_000, 10_000, 100_000].map((value) => logPosition(value, scale))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(logPosition(0, scale)).toBe(0)
  })
})
