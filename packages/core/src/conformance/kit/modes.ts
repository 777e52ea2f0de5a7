import * as fc from 'fast-check'
import { inProcessLocks } from '../../locks/in-process-locks.js'
import type { Store } from '../../store/store.js'
import { type ManualClock, manualClock } from '../../testing/manual-clock.js'
import { faultScripts, histories } from '../arbitraries.js'
import { faultyLocks, lockFaults, underLockOf } from '../lock-wrappers.js'
import { runHistory, type Stage } from '../run-history.js'
import { type History, type Step, startOfHistory } from '../steps.js'
import { faultyStore, followScript, type Gate, gatedStore } from '../store-wrappers.js'
import type { StoreHarness, Subject } from './harness.js'
import { type StageOptions, stageOn } from './stage.js'

/** One way to play histories on a store. */
export interface Mode {
  /** Stable, in capitals: `CROWDED`. */
  readonly id: string
  /** What runs, and which faults occur. */
  readonly sentence: string
  /** The default number of histories. */
  readonly runs: number
  /** The property of fast-check that plays and judges histories. */
  property<Tx>(harness: StoreHarness<Tx>, adapt: Adapt): fc.IAsyncProperty<unknown>
}

/** Changes a stage before it is played on. */
export type Adapt = (stage: Stage) => Stage | Promise<Stage>

/** A random generator that repeats for the same seed. */
const seededChance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A short random wait, often none, so that transactions overlap differently each time. */
const jitter = (seed: number): Gate => {
  const chance = seededChance(seed)
  return () => new Promise((resolve) => (chance() < 0.5 ? resolve() : setTimeout(resolve, chance() * 4)))
}

const onSubject = async <Tx>(
  harness: StoreHarness<Tx>,
  work: (subject: Subject<Tx>, clock: ManualClock) => Promise<void>,
): Promise<void> => {
  const clock = manualClock(startOfHistory)
  const subject = await harness.create({ clock })
  try {
    await work(subject, clock)
  } finally {
    await subject.close()
  }
}

/** How a history is played on a store. */
type Options = Omit<StageOptions, 'policies'>

/** Plays a history on its own subject and judges it. @throws HistoryBroken */
export const playOn = <Tx>(
  harness: StoreHarness<Tx>,
  history: History,
  options: Options,
  adapt: Adapt = (stage) => stage,
): Promise<void> =>
  onSubject(harness, async (subject, clock) => {
    await runHistory(history, await adapt(await stageOn(subject, clock, { policies: history.policies, ...options })))
  })

const gateOf =
  (scheduler: fc.Scheduler): Gate =>
  (label) =>
    scheduler.schedule(Promise.resolve(), label)

/** Commands that compete for the same balances, units and coupons. */
const wantedByAll = [
  'balance.charge',
  'balance.grant',
  'balance.withdraw',
  'coupons.issue',
  'orders.place',
  'payments.pay',
  'orders.cancel',
  'orders.refund',
  'again',
  'refer-again',
  'repair',
] as const satisfies readonly Step['do'][]

/** The modes in which the kit plays histories. */
export const modes: readonly Mode[] = [
  {
    id: 'ALONE',
    sentence: 'one caller, one step after the other',
    runs: 40,
    property: (harness, adapt) =>
      fc.asyncProperty(histories({ steps: 50 }), (history) => playOn(harness, history, { shops: 1 }, adapt)),
  },
  {
    id: 'INTERLEAVED',
    sentence: 'three callers on two servers, in an order that the seed decides',
    runs: 40,
    property: (harness, adapt) =>
      fc.asyncProperty(fc.scheduler(), histories({ branches: 3, steps: 16 }), async (scheduler, history) => {
        const gate = gateOf(scheduler)
        const between = <Tx>(store: Store<Tx>) => gatedStore(store, gate)
        await scheduler.waitFor(playOn(harness, history, { shops: 2, between }, adapt))
      }),
  },
  {
    id: 'CROWDED',
    sentence:
      'four callers on two servers, in an order that the seed decides, all competing for the same coupons, units and balances',
    runs: 20,
    property: (harness, adapt) =>
      fc.asyncProperty(
        fc.scheduler(),
        histories({ branches: 4, steps: 16, only: wantedByAll }),
        async (scheduler, history) => {
          const gate = gateOf(scheduler)
          const between = <Tx>(store: Store<Tx>) => gatedStore(store, gate)
          await scheduler.waitFor(playOn(harness, history, { shops: 2, between }, adapt))
        },
      ),
  },
  {
    id: 'AT-ONCE',
    sentence: 'eight callers on two servers, with real concurrency',
    runs: 15,
    property: (harness, adapt) =>
      fc.asyncProperty(histories({ branches: 8, steps: 8 }), fc.nat(), (history, seed) => {
        const between = <Tx>(store: Store<Tx>, shop: number) => gatedStore(store, jitter(seed + shop))
        return playOn(harness, history, { shops: 2, between }, adapt)
      }),
  },
  {
    id: 'ON-BAD-DAYS',
    sentence: 'three callers on two servers, while transactions fail before, during and after their commit',
    runs: 40,
    property: (harness, adapt) =>
      fc.asyncProperty(
        fc.scheduler(),
        histories({ branches: 3, steps: 10 }),
        faultScripts(),
        fc.boolean(),
        fc.constantFrom(40, 1e9),
        async (scheduler, history, script, keyAll, timeoutMs) => {
          const gate = gateOf(scheduler)
          const plan = followScript(script, () => gate('slow'))
          const between = <Tx>(store: Store<Tx>) => gatedStore(faultyStore(store, plan), gate)
          const options = { shops: 2, between, isFaulty: true, keyAll, heal: plan.heal, pause: gate, timeoutMs }
          await scheduler.waitFor(playOn(harness, history, options, adapt))
        },
      ),
  },
  {
    id: 'BAD-DAYS-AT-ONCE',
    sentence: 'four callers on two servers, with real concurrency, while transactions fail',
    runs: 10,
    property: (harness, adapt) =>
      fc.asyncProperty(
        histories({ branches: 4, steps: 8 }),
        faultScripts(),
        fc.nat(),
        async (history, script, seed) => {
          const plan = followScript(script, () => new Promise((resolve) => setTimeout(resolve, 10)))
          const between = <Tx>(store: Store<Tx>, shop: number) =>
            faultyStore(gatedStore(store, jitter(seed + shop)), plan)
          const options = { shops: 2, between, isFaulty: true, keyAll: true, heal: plan.heal }
          await playOn(harness, history, options, adapt)
        },
      ),
  },
  {
    id: 'UNDER-LYING-LOCKS',
    sentence:
      'four callers under locks that are granted twice, lost, fail on release, are never granted, or are unavailable',
    runs: 10,
    property: (harness, adapt) =>
      fc.asyncProperty(
        histories({ branches: 4, steps: 8, only: wantedByAll }),
        fc.array(fc.option(fc.constantFrom(...lockFaults), { nil: undefined }), { maxLength: 40, size: 'max' }),
        fc.nat(),
        (history, script, seed) => {
          const left = [...script]
          const guard = underLockOf(faultyLocks(inProcessLocks(), () => left.shift()))
          const between = <Tx>(store: Store<Tx>, shop: number) => gatedStore(store, jitter(seed + shop))
          return playOn(harness, history, { shops: 2, between, guard }, adapt)
        },
      ),
  },
]
