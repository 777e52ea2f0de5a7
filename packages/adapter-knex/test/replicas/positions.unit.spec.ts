import { describe, expect, test } from 'vitest'
import { primaryPosition, replicaPosition } from '../../src/replicas/position.js'
import { PrimarySamples } from '../../src/replicas/primary-samples.js'

const writtenAt = (askedAt: number, written: bigint, log = '7.1.1') => ({
  askedAt,
  answeredAt: askedAt + 10,
  log,
  written,
  now: 1_000_000 + askedAt,
})

const replayed = (position: bigint, log = '7.1.1') => ({ log, replayed: position })

describe('what replies mean', () => {
  test('positions are 64 bits', () => {
    const { written } = primaryPosition([['7.1.1', '16/B374D848', '5']])
    expect(written).toBe(0x16b374d848n)
    expect(primaryPosition([['7.1.1', 'FFFFFFFF/FFFFFFFF', '5']]).written).toBe(2n ** 64n - 1n)
  })

  test('a replica may tell no position', () => {
    expect(replicaPosition([['t', '7.1.1', null]])).toEqual({ isInRecovery: true, log: '7.1.1', replayed: undefined })
    expect(replicaPosition([['f', '7.1.1', '0/1']])).toMatchObject({ isInRecovery: false, replayed: 1n })
    expect(replicaPosition([])).toMatchObject({ isInRecovery: false, replayed: undefined })
  })
})

describe('how old the data of a replica is at most', () => {
  const samples = () => {
    const made = new PrimarySamples({ keepMs: 1_000 })
    made.add(writtenAt(100, 10n))
    made.add(writtenAt(350, 20n))
    made.add(writtenAt(600, 20n))
    return made
  }

  test.each([
    { position: 9n, lag: Number.POSITIVE_INFINITY },
    { position: 10n, lag: 600 },
    { position: 19n, lag: 600 },
    // Nothing was written between the two last samples.
    { position: 20n, lag: 100 },
    { position: 99n, lag: 100 },
  ])('replayed up to $position: $lag ms', ({ position, lag }) => {
    expect(samples().lagAt(700, replayed(position))).toBe(lag)
  })

  test('grows while the primary is not asked', () => {
    expect(samples().lagAt(5_000, replayed(20n))).toBe(4_400)
    expect(samples().ageAt(5_000)).toBe(4_400)
  })

  test('is unknown without samples, a position, or the same log', () => {
    const none = new PrimarySamples({ keepMs: 1_000 })
    expect(none.lagAt(1, replayed(9n))).toBe(Number.POSITIVE_INFINITY)
    expect(none.ageAt(1)).toBe(Number.POSITIVE_INFINITY)
    expect(none.timeAt(1)).toBeUndefined()
    expect(samples().lagAt(700, { log: '7.1.1', replayed: undefined })).toBe(Number.POSITIVE_INFINITY)
    expect(samples().lagAt(700, replayed(99n, '7.1.2'))).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([
    { name: 'another timeline', next: writtenAt(700, 30n, '7.1.2'), position: replayed(20n, '7.1.2') },
    { name: 'a log that has lost its end', next: writtenAt(700, 15n), position: replayed(14n) },
  ])('forgets the samples from before $name', ({ next, position }) => {
    const made = samples()
    made.add(next)
    expect(made.lagAt(800, position)).toBe(Number.POSITIVE_INFINITY)
  })

  test('forgets samples that are too old to prove anything', () => {
    const made = samples()
    made.add(writtenAt(1_200, 30n))
    expect(made.lagAt(1_300, replayed(19n))).toBe(Number.POSITIVE_INFINITY)
    expect(made.lagAt(1_300, replayed(20n))).toBe(700)
  })
})

test('a replica that was ahead of what the primary wrote later has another history', () => {
  const made = new PrimarySamples({ keepMs: 1_000 })
  made.add(writtenAt(100, 10n))
  expect(made.disprove({ replayed: 12n, at: 150 })).toBe(false)
  made.add(writtenAt(200, 11n))
  expect(made.disprove({ replayed: 12n, at: 150 })).toBe(true)
  expect(made.disprove({ replayed: 11n, at: 150 })).toBe(false)
  expect(made.disprove({ replayed: undefined, at: 150 })).toBe(false)
})

test("the primary's time goes on between samples, and is never early", () => {
  const made = new PrimarySamples({ keepMs: 1_000 })
  made.add(writtenAt(100, 10n))
  expect(made.timeAt(110)).toBe(1_000_100)
  expect(made.timeAt(210.9)).toBe(1_000_200)
})
