import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import { lockedRows } from '../store/key-lists.js'
import type { Store } from '../store/store.js'
import { orUnavailable, ShopUnavailable } from '../store/store-error.js'
import { AcknowledgedGroups } from './acknowledged-groups.js'
import { type Caller, Callers } from './callers.js'
import { coalesce } from './coalesce.js'
import { noOutlines, type Outlines, type Prefetch } from './command.js'
import { GroupPump } from './command-queue.js'
import { commitGroup, type QueuedCommand } from './commit-group.js'
import { checkCall, keysOf, readOutlines } from './decide-group.js'
import { KnownOutlines } from './known-outlines.js'
import type { ExecutorObserver } from './observer.js'
import type { CommandCall, Outcome } from './outcome.js'
import { Semaphore } from './semaphore.js'

/** Bounds of the group commit. */
export interface ExecutorLimits {
  /** Commands in one transaction, at most. @default 256 */
  readonly maxGroupSize: number
  /** Groups that run at once. Groups of one shop share no row. @default 2 */
  readonly concurrentGroups: number
  /** Groups that may start in addition, one each 100 ms, while none of the running ones ends. @default 2 */
  readonly extraGroupsWhenStalled: number
  /** Commands queued or running. Above it, new commands are rejected at once. @default 20_000 */
  readonly maxQueued: number
  /** How long a caller waits before it is rejected. @default 10_000 */
  readonly timeoutMs: number
  /** How often a group is retried after a conflict or a lost connection, before it is split. @default 5 */
  readonly maxRetries: number
}

/** The limits of a shop that are not set. */
export const defaultLimits: ExecutorLimits = {
  maxGroupSize: 256,
  concurrentGroups: 2,
  extraGroupsWhenStalled: 2,
  maxQueued: 20_000,
  timeoutMs: 10_000,
  maxRetries: 5,
}

export interface ExecutorOptions {
  readonly store: Pick<Store, 'transact' | 'outlines' | 'couponsWithCodes' | 'committed' | 'companions'>
  readonly policies: Policies
  readonly newId: NewId
  readonly currency?: string | undefined
  readonly timer?: Timer
  readonly limits?: Partial<ExecutorLimits>
  readonly observer?: ExecutorObserver
  /** Learns every acknowledged group. @default nothing is remembered */
  readonly acknowledged?: AcknowledgedGroups
}

/**
 * Runs commands by group commit. While a transaction runs, arriving commands queue, and the next transaction takes all of
 * them. A command that arrives alone runs at once.
 *
 * Every command is answered exactly once. After a durable commit the caller gets the outcome. Otherwise it gets an error,
 * and nothing was written. Only an error with `ambiguous: true` leaves open whether the command took effect.
 */
export class Executor {
  readonly #policies: Policies
  readonly #companions: readonly string[] | undefined
  readonly #maxQueued: number
  readonly #callers: Callers
  readonly #pump: GroupPump<QueuedCommand>
  /** Coalesced: one read serves all commands that ask while another is running. */
  readonly #readOutlines: (prefetch: Prefetch) => Promise<Outlines>
  readonly #known = new KnownOutlines()
  #isClosed = false

  constructor(options: ExecutorOptions) {
    const { store, policies, newId, currency, timer = systemTimer, limits, observer = {} } = options
    const { acknowledged = new AcknowledgedGroups(timer) } = options
    const { maxQueued, timeoutMs, maxRetries, ...groups } = { ...defaultLimits, ...limits }
    this.#policies = policies
    this.#companions = store.companions
    this.#maxQueued = maxQueued
    this.#callers = new Callers(timer, timeoutMs)
    const shared = { store, policies, newId, currency, timer, observer, maxRetries, acknowledged }
    const deps = { ...shared, callers: this.#callers, singles: new Semaphore(4), known: this.#known }
    this.#pump = new GroupPump({ ...groups, timer, commit: (group) => commitGroup(group, deps) })
    this.#readOutlines = coalesce(async (asked) => {
      const outlines = await readOutlines(store, asked)
      return () => outlines
    })
  }

  /** Commands queued or running. */
  get queued(): number {
    return this.#callers.commands
  }

  /**
   * Executes a command. Resolves with its outcome once that is durable. Rejects with ShopUnavailable if the shop cannot
   * answer now, and with the original error if a decider is broken or the store rejects the data.
   */
  submit(call: CommandCall): Promise<Outcome<unknown>> {
    return new Promise((resolve, reject) => {
      const invalid = checkCall(call, this.#companions)
      if (invalid) resolve(invalid)
      else if (this.#isClosed) reject(new ShopUnavailable('the shop is stopping'))
      else if (this.queued >= this.#maxQueued)
        reject(new ShopUnavailable(`more than ${this.#maxQueued} commands are waiting`))
      else this.#prefetch(call, this.#callers.begin(resolve, reject))
    })
  }

  /** Enqueues the command: in the turn of its call if it has nothing to read. */
  #prefetch(call: CommandCall, caller: Caller): void {
    const failed = (error: unknown) => this.#callers.reject(caller, error)
    try {
      const prefetch = call.command.prefetch?.(call.input)
      if (!prefetch) {
        this.#enqueue(call, caller, noOutlines)
        return
      }
      const known = this.#known.of(prefetch)
      if (known) this.#enqueue(call, caller, known)
      else
        orUnavailable(this.#readOutlines(prefetch))
          .then((read) => this.#enqueue(call, caller, read))
          .catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  #enqueue(call: CommandCall, caller: Caller, outlines: Outlines): void {
    const keys = keysOf({ call, outlines }, this.#policies)
    this.#pump.enqueue({ call, caller, outlines, keys, rows: lockedRows(keys) })
  }

  /** Rejects new commands, and resolves once all queued ones have been answered. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#callers.drained()
  }
}
