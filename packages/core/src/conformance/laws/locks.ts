import type { Lease, Locks } from '../../locks/locks.js'
import { differences } from '../../testing/difference.js'
import { ending, textOf } from './trial.js'

/** A law of every `Locks`, shown by one scenario. */
export interface LockTrial {
  /** Stable, in capitals. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** Distinguishes it from a law of stored data. */
  readonly kind: 'history'
  /** `first` and `second` belong to two servers. Resolves with what contradicts the law. */
  play(first: Locks, second: Locks): Promise<readonly string[]>
}

/** Work under a lock that runs until the scenario ends it. */
const hold = async (locks: Locks, name: string) => {
  let leave: () => void = () => undefined
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  let enter: (lease: Lease) => void = () => undefined
  const entered = new Promise<Lease>((resolve) => {
    enter = resolve
  })
  const ended = locks.withLock(name, async (lease) => {
    enter(lease)
    await left
    return 'done'
  })
  await Promise.race([entered, ended])
  return { leave, ended }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 1))
const patient = { waitMs: 30_000 }

export const lockTrials: readonly LockTrial[] = [
  {
    id: 'LOCK-EXCLUDES',
    sentence: 'Without faults, one caller at a time holds a name, across all servers.',
    kind: 'history',
    async play(...servers) {
      let inside = 0
      let most = 0
      const work = async () => {
        inside += 1
        most = Math.max(most, inside)
        await soon()
        inside -= 1
      }
      const held = await Promise.all(
        Array.from({ length: 12 }, (_, index) => (servers[index % 2] as Locks).withLock('kit-name', work, patient)),
      )
      return [
        ...differences(most, 1, 'how many held it at once'),
        ...differences(held.filter((each) => each.held).length, 12, 'how many were let in'),
      ]
    },
  },
  {
    id: 'LOCK-TURNS-AWAY',
    sentence:
      'A caller that does not wait learns that the lock is held, on every try. Other names are free. After release the name is free again.',
    kind: 'history',
    async play(first, second) {
      const { leave, ended } = await hold(first, 'kit-name')
      const meanwhile = await second.withLock('kit-name', async () => 'never')
      const still = await second.withLock('kit-name', async () => 'never')
      const other = await second.withLock('kit-other', async () => 'at once')
      leave()
      const result = await ended
      const after = await second.withLock('kit-name', async () => 'now', patient)
      return differences(
        { meanwhile, still, other, result, after },
        {
          meanwhile: { held: false },
          still: { held: false },
          other: { held: true, value: 'at once' },
          result: { held: true, value: 'done' },
          after: { held: true, value: 'now' },
        },
      )
    },
  },
  {
    id: 'LOCK-WAITS',
    sentence: 'A waiting caller gets the lock when it is released, or an answer when the wait times out.',
    kind: 'history',
    async play(first, second) {
      const { leave, ended } = await hold(first, 'kit-name')
      const waiting = second.withLock('kit-name', async () => 'after', patient)
      const impatient = await second.withLock('kit-name', async () => 'never', { waitMs: 30 })
      leave()
      await ended
      return differences(
        { impatient, waiting: await waiting },
        {
          impatient: { held: false },
          waiting: { held: true, value: 'after' },
        },
      )
    },
  },
  {
    id: 'LOCK-RESULT',
    sentence: 'The caller gets what the work returns or throws, and the lock is free afterwards.',
    kind: 'history',
    async play(first, second) {
      const bug = new Error('a bug of the work')
      const thrown = await ending(first.withLock('kit-name', () => Promise.reject(bug)))
      const after = await ending(second.withLock('kit-name', async () => ({ nothing: undefined }), patient))
      return [
        ...(thrown.ok || thrown.error !== bug ? ['the error of the work was replaced'] : []),
        ...(after.ok
          ? differences(after.value, { held: true, value: {} }, 'the next holder')
          : [`the next holder got ${textOf(after.error)}`]),
      ]
    },
  },
  {
    id: 'LOCK-TOKENS',
    sentence:
      'Every grant of a name has a greater token than the one before; its signal is not aborted while the lock is held.',
    kind: 'history',
    async play(...servers) {
      const tokens: number[] = []
      let aborted = 0
      for (let index = 0; index < 6; index += 1) {
        await (servers[index % 2] as Locks).withLock(
          'kit-name',
          async ({ token, signal }) => {
            tokens.push(token)
            if (signal.aborted) aborted += 1
          },
          patient,
        )
      }
      const growing = tokens.every((token, index) => index === 0 || token > (tokens[index - 1] as number))
      return [
        ...(growing && tokens.every(Number.isSafeInteger) ? [] : [`the tokens were ${tokens.join(', ')}`]),
        ...differences(tokens.length, 6, 'grants'),
        ...differences(aborted, 0, 'aborted signals'),
      ]
    },
  },
]
