import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import { mergeKeys } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { isStoreError, ShopUnavailable, StoreError } from '../store/store-error.js'
import { type Caller, CallerTimeouts } from './caller-timeouts.js'
import { checked } from './check-command.js'
import { CommandQueue } from './command-queue.js'
import { decideGroup, keysOf, type Verdict } from './decide-group.js'
import type { CommandCall, Outcome } from './outcome.js'
import { noOrderOutlines, prefetcher } from './prefetch.js'
import type { QueuedCommand } from './queued-command.js'
import { Semaphore } from './semaphore.js'

/** Bounds of the group commit. */
export interface ExecutorLimits {
  /** The most commands in one transaction. */
  readonly maxGroupSize: number
  /** Groups under way at once. Those of one shop have no row in common. */
  readonly concurrentGroups: number
  /** As many more start, one each tenth of a second, while none of those under way ends: stuck rows hold up no others. */
  readonly extraGroupsWhenStalled: number
  /** Commands waiting or under way; above it callers are turned away at once. */
  readonly maxQueued: number
  /** How long a caller waits for an answer. */
  readonly timeoutMs: number
  /** How often a group is tried again after a conflict or a lost connection, before it is split. */
  readonly maxRetries: number
}

const defaultLimits: ExecutorLimits = {
  maxGroupSize: 256,
  concurrentGroups: 2,
  extraGroupsWhenStalled: 2,
  maxQueued: 20_000,
  timeoutMs: 10_000,
  maxRetries: 5,
}

/** What an observer is told: for metrics and for waking the relay. */
export interface ExecutorObserver {
  /** A group was answered. */
  onGroup?(group: { readonly size: number; readonly ms: number; readonly hasEvents: boolean }): void
  /** A group is tried again, or split. */
  onRetry?(retry: { readonly kind: StoreError['kind']; readonly size: number; readonly split: boolean }): void
}

export interface ExecutorOptions {
  readonly store: Pick<Store, 'transact' | 'outlines' | 'committed'>
  readonly policies: Policies
  readonly newId: NewId
  readonly timer?: Timer
  readonly limits?: Partial<ExecutorLimits>
  readonly observer?: ExecutorObserver
}

type Attempt =
  | { readonly kind: 'committed'; readonly verdicts: readonly Verdict[]; readonly hasEvents: boolean }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Group commit: while a transaction is under way, arriving commands wait, and the next transaction takes
 * them all. With nobody waiting a command goes at once, alone. Every command is answered exactly once, after the commit
 * that made it durable, or with an error after which nothing of it was written – unless that error says it cannot know.
 */
export class Executor {
  readonly #store: ExecutorOptions['store']
  readonly #policies: Policies
  readonly #newId: NewId
  readonly #timer: Timer
  readonly #limits: ExecutorLimits
  readonly #observer: ExecutorObserver
  readonly #readOutlines: ReturnType<typeof prefetcher>
  readonly #queue: CommandQueue
  readonly #timeouts: CallerTimeouts
  /** Members of a split group go one by one beside the lanes, so that a foreign lock does not stall those behind them. */
  readonly #singles = new Semaphore(4)
  #underWay = 0
  #closed = false
  readonly #drained: (() => void)[] = []

  constructor({ store, policies, newId, timer = systemTimer, limits, observer = {} }: ExecutorOptions) {
    this.#store = store
    this.#policies = policies
    this.#newId = newId
    this.#timer = timer
    this.#limits = { ...defaultLimits, ...limits }
    this.#observer = observer
    this.#readOutlines = prefetcher(store)
    this.#timeouts = new CallerTimeouts(timer, this.#limits.timeoutMs)
    const { concurrentGroups, extraGroupsWhenStalled, maxGroupSize } = this.#limits
    const pause: Timer['pause'] = (ms) => timer.pause(ms)
    this.#queue = new CommandQueue({
      concurrentGroups,
      extraGroupsWhenStalled,
      maxGroupSize,
      pause,
      run: (group) => this.#run(group),
    })
  }

  /** Commands waiting or under way. */
  get queued(): number {
    return this.#underWay
  }

  /**
   * Executes a command. Resolves with its outcome once that is durable. Rejects with ShopUnavailable where it cannot be
   * answered now, and with the error itself where a decider is broken or the store rejected the data.
   */
  async submit(call: CommandCall): Promise<Outcome<unknown>> {
    const invalid = checked(call)
    if (invalid) return invalid
    if (this.#closed) throw new ShopUnavailable('the shop is stopping')
    if (this.#underWay >= this.#limits.maxQueued)
      throw new ShopUnavailable(`more than ${this.#limits.maxQueued} commands are waiting`)
    return new Promise((resolve, reject) => {
      this.#answer(call, reject).then(resolve, reject)
    })
  }

  /** Settles when the work for the command has ended. `giveUp` answers a caller whose time is up before. */
  async #answer(call: CommandCall, giveUp: Caller['giveUp']): Promise<Outcome<unknown>> {
    const caller = this.#timeouts.begin(giveUp)
    this.#underWay += 1
    try {
      const orderIds = call.command.prefetch?.(call.input)
      const outlines = orderIds ? await this.#prefetch(orderIds) : noOrderOutlines
      const keys = keysOf({ call, outlines }, this.#policies)
      return await new Promise<Outcome<unknown>>((resolve, reject) =>
        this.#queue.push({ call, caller, outlines, keys, resolve, reject }),
      )
    } finally {
      this.#timeouts.end(caller)
      this.#underWay -= 1
      if (this.#underWay === 0) for (const resolve of this.#drained.splice(0)) resolve()
    }
  }

  /** Takes no more commands and resolves when those that are waiting have been answered. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  async #prefetch(orderIds: readonly string[]) {
    try {
      return await this.#readOutlines(orderIds)
    } catch (error) {
      throw isStoreError(error) && error.isRetryable
        ? new ShopUnavailable('the store did not answer', { cause: error })
        : error
    }
  }

  /** Whoever watches cannot change an answer: what it throws is its own affair. */
  #tell<E extends keyof ExecutorObserver>(event: E, fact: Parameters<NonNullable<ExecutorObserver[E]>>[0]): void {
    try {
      this.#observer[event]?.(fact as never)
    } catch {}
  }

  /** Those whose time is not up. The others are told so, and nothing of their commands is started. */
  #stillPatient(queued: readonly QueuedCommand[]): QueuedCommand[] {
    const now = this.#timer.elapsedMs()
    return queued.filter((queued) => {
      const late = this.#timeouts.lateness(queued.caller, now)
      if (late) queued.reject(late)
      return !late
    })
  }

  /** Resolves with what answers the queued that were not answered or sent on alone by then, and never rejects: a bug of ours, or of the host's ids, timer or observer, is an answer, too. */
  async #run(group: readonly QueuedCommand[]): Promise<Answer> {
    try {
      return await this.#commit(group)
    } catch (bug) {
      return rejecting(group, bug)
    }
  }

  async #commit(waiting: readonly QueuedCommand[]): Promise<Answer> {
    let group = this.#stillPatient(waiting)
    for (let tried = 0; group.length > 0; tried += 1) {
      const attempt = await this.#attempt(group)
      if (attempt.kind === 'committed') return settling(group, attempt.verdicts)
      const { error } = attempt
      if (!isStoreError(error)) return rejecting(group, error)
      if (error.kind === 'ambiguous') {
        return rejecting(
          group,
          new ShopUnavailable('the store could not tell whether it committed', { cause: error, ambiguous: true }),
        )
      }
      for (const { caller } of group) caller.isUnderWay = false
      const again = (error.kind === 'conflict' || error.kind === 'unavailable') && tried < this.#limits.maxRetries
      this.#tell('onRetry', { kind: error.kind, size: group.length, split: !again && group.length > 1 })
      if (!again) return this.#giveUp(group, error)
      await this.#timer.pause(this.#timer.random() * 5 * 2 ** tried)
      group = this.#stillPatient(group)
    }
    return noAnswer
  }

  /** One transaction; where its commit is in doubt, finds out. */
  async #attempt(group: readonly QueuedCommand[]): Promise<Attempt> {
    const groupId = this.#newId()
    const began = this.#timer.elapsedMs()
    for (const { caller } of group) caller.isUnderWay = true
    let decided: { verdicts: readonly Verdict[]; hasEvents: boolean } | undefined
    try {
      const keys = mergeKeys(group.map((queued) => queued.keys))
      await this.#store.transact(
        keys,
        (loaded) => {
          const { verdicts, changes } = decideGroup(group, keys, loaded, {
            policies: this.#policies,
            newId: this.#newId,
          })
          decided = { verdicts, hasEvents: changes.events.inserted.length + changes.events.updated.length > 0 }
          return changes
        },
        { groupId },
      )
    } catch (error) {
      if (!isStoreError(error) || error.kind !== 'ambiguous') return { kind: 'failed', error }
      const committed = await this.#findOut(groupId, group)
      if (committed === 'unknown') return { kind: 'failed', error }
      // A commit that can no longer happen is as good as a connection that was lost before it.
      if (!committed)
        return { kind: 'failed', error: new StoreError('unavailable', 'the commit did not happen', { cause: error }) }
    }
    if (!decided) return { kind: 'failed', error: new Error('the store committed without asking for a decision') }
    this.#tell('onGroup', { size: group.length, ms: this.#timer.elapsedMs() - began, hasEvents: decided.hasEvents })
    return { kind: 'committed', ...decided }
  }

  /** Asks until the store knows, or until the last caller has run out of patience. Until then nobody is tried again. */
  async #findOut(groupId: string, group: readonly QueuedCommand[]): Promise<boolean | 'unknown'> {
    const until = this.#timeouts.untilOf(group.map(({ caller }) => caller))
    for (let tried = 0; ; tried += 1) {
      try {
        return await this.#store.committed(groupId)
      } catch (error) {
        if (!isStoreError(error) || this.#timer.elapsedMs() >= until) return 'unknown'
        await this.#timer.pause(Math.min(1_000, 20 * 2 ** tried) * (0.5 + this.#timer.random() / 2))
      }
    }
  }

  /** One member cannot fail its neighbours: a group that the store will not take is tried member by member. */
  #giveUp(group: readonly QueuedCommand[], error: StoreError): Answer {
    if (group.length > 1 && error.kind !== 'unavailable') {
      for (const queued of group) void this.#singles.run(async () => (await this.#run([queued]))())
      return noAnswer
    }
    return rejecting(
      group,
      error.kind === 'rejected'
        ? error
        : new ShopUnavailable('the store did not answer; nothing was changed', { cause: error }),
    )
  }
}

/** Tells those of a group what became of their commands. */
type Answer = () => void

const noAnswer: Answer = () => {}

const settling =
  (group: readonly QueuedCommand[], verdicts: readonly Verdict[]): Answer =>
  () => {
    for (const [index, queued] of group.entries()) {
      const verdict = verdicts[index]
      if (verdict && 'outcome' in verdict) queued.resolve(verdict.outcome)
      else queued.reject(verdict?.bug)
    }
  }

const rejecting =
  (group: readonly QueuedCommand[], error: unknown): Answer =>
  () => {
    for (const { reject } of group) reject(error)
  }
