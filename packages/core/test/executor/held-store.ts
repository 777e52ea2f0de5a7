import { type CommandCall, chargeBalance } from '../../src/commands.js'
import { Executor } from '../../src/engine/executor.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  type ExecutorLimits,
  type ExecutorObserver,
  type Outcome,
  resolvePolicies,
  type Store,
  type Timer,
} from '../../src/index.js'
import { StoreError, type StoreErrorKind } from '../../src/store.js'
import { countedIds, manualClock } from '../../src/testing/manual-clock.js'

/** A transaction that stays open until the test ends it. */
export interface HeldCall {
  readonly groupId: string | undefined
  /** The wallets that it locks: one per member if every member charges another user. */
  readonly wallets: readonly string[]
  commit(): Promise<void>
  /** Nothing is written. */
  fail(kind: StoreErrorKind | Error): Promise<void>
  /** Everything is written, but the reply is lost. */
  commitAndFail(kind: StoreErrorKind): Promise<void>
}

/** Runs everything that needs no timer. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const errorOf = (kind: StoreErrorKind | Error) =>
  typeof kind === 'string' ? new StoreError(kind, `test: ${kind}`) : kind

/** An in-memory store. The test decides when each transaction and each question ends. */
export class HeldStore {
  readonly clock = manualClock(Date.UTC(2026, 0, 1))
  readonly rows = inMemoryStore({ clock: this.clock })
  readonly calls: HeldCall[] = []
  /**
   * What the store replies when it is asked whether a group committed.
   * @default the truth
   */
  committed: (groupId: string) => Promise<boolean> = (groupId) => this.rows.committed(groupId)
  outlines: Store['outlines'] = (orderIds) => this.rows.outlines(orderIds)

  readonly store: Pick<Store, 'transact' | 'outlines' | 'couponsWithCodes' | 'committed'> = {
    transact: (keys, decide, options) =>
      new Promise<void>((resolve, reject) => {
        const write = () => this.rows.transact(keys, decide, options)
        this.calls.push({
          groupId: options?.groupId,
          wallets: keys.lock.wallets,
          commit: async () => {
            await write().then(resolve, reject)
            await turn()
          },
          fail: async (kind) => {
            reject(errorOf(kind))
            await turn()
          },
          commitAndFail: async (kind) => {
            await write()
            reject(errorOf(kind))
            await turn()
          },
        })
      }),
    outlines: (orderIds) => this.outlines(orderIds),
    couponsWithCodes: (codes) => this.rows.couponsWithCodes(codes),
    committed: (groupId) => this.committed(groupId),
  }

  /** The nth transaction. */
  call(index: number): HeldCall {
    const call = this.calls[index]
    if (!call) throw new Error(`there are only ${this.calls.length} transactions`)
    return call
  }

  async balance(userId: string): Promise<number | undefined> {
    return (await this.rows.reads.wallet(userId)).found?.balance
  }
}

/** Time that advances when the executor pauses, or when the test advances it. */
export class TestTimer implements Timer {
  now = 0
  readonly pauses: number[] = []
  elapsedMs = () => this.now
  random = () => 1
  pause = async (ms: number) => {
    this.pauses.push(ms)
    this.now += ms
  }
  /** Pending alarms, each with its time. */
  readonly alarms: { readonly at: number; readonly work: () => void }[] = []
  after = (ms: number, work: () => void) => {
    this.alarms.push({ at: this.now + ms, work })
  }
  /** Advances the time and runs the alarms that are due, in order. */
  passTo = async (now: number) => {
    for (;;) {
      const next = this.alarms.toSorted((one, other) => one.at - other.at)[0]
      if (!next || next.at > now) break
      this.alarms.splice(this.alarms.indexOf(next), 1)
      this.now = Math.max(this.now, next.at)
      next.work()
      await turn()
    }
    this.now = Math.max(this.now, now)
    await turn()
  }
}

export interface Bench {
  readonly held: HeldStore
  readonly timer: TestTimer
  readonly executor: Executor
  submit(command: CommandCall): Promise<Outcome<unknown>>
  charge(userId: string, amount?: number, key?: string): Promise<Outcome<unknown>>
}

export const bench = (limits: Partial<ExecutorLimits> = {}, observer: ExecutorObserver = {}): Bench => {
  const held = new HeldStore()
  const timer = new TestTimer()
  const executor = new Executor({
    store: held.store,
    policies: resolvePolicies(),
    newId: countedIds('id'),
    timer,
    limits: { concurrentGroups: 1, extraGroupsWhenStalled: 0, ...limits },
    observer,
  })
  const submit = (command: CommandCall) => {
    const answer = executor.submit(command)
    // A rejection that the test does not await must not count as unhandled.
    answer.catch(() => {})
    return answer
  }
  return {
    held,
    timer,
    executor,
    submit,
    charge: (userId, amount = 100, key) =>
      submit({
        command: chargeBalance,
        input: { userId, amount },
        idempotency: key === undefined ? undefined : { scope: userId, key },
      }),
  }
}
