import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import { mergeKeys } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { isStoreError, ShopUnavailable, StoreError } from '../store/store-error.js'
import { checked } from './checked.js'
import { decideGroup, keysOf, type Verdict } from './decide-group.js'
import { Line } from './line.js'
import type { Command, Outcome } from './outcome.js'
import { nothingSeen, outliner } from './outliner.js'
import { type Caller, Patience } from './patience.js'
import { Semaphore } from './semaphore.js'
import type { Ticket } from './ticket.js'

export interface ExecutorLimits {
  /** Commands in one transaction, at most. */
  readonly groupSize: number
  /** Groups under way at once. Those of one shop have no row in common. */
  readonly lanes: number
  /** As many more start, one each tenth of a second, while none of those under way ends: stuck rows hold up no others. */
  readonly spareLanes: number
  /** Commands waiting or under way; above it callers are turned away at once. */
  readonly waiting: number
  /** How long a caller waits for an answer. */
  readonly patienceMs: number
  /** How often a group is tried again after a conflict or a lost connection, before it is split. */
  readonly retries: number
}

export const defaultLimits: ExecutorLimits = {
  groupSize: 256,
  lanes: 2,
  spareLanes: 2,
  waiting: 20_000,
  patienceMs: 10_000,
  retries: 5,
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
  readonly #outlines: ReturnType<typeof outliner>
  readonly #line: Line
  readonly #patience: Patience
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
    this.#outlines = outliner(store)
    this.#patience = new Patience(timer, this.#limits.patienceMs)
    const { lanes, spareLanes, groupSize } = this.#limits
    const pause: Timer['pause'] = (ms) => timer.pause(ms)
    this.#line = new Line({ lanes, spareLanes, groupSize, pause, run: (group) => this.#run(group) })
  }

  /** Commands waiting or under way. */
  get waiting(): number {
    return this.#underWay
  }

  /**
   * Executes a command. Resolves with its outcome once that is durable. Rejects with ShopUnavailable where it cannot be
   * answered now, and with the error itself where a decider is broken or the store rejected the data.
   */
  async submit(command: Command): Promise<Outcome<unknown>> {
    const invalid = checked(command)
    if (invalid) return invalid
    if (this.#closed) throw new ShopUnavailable('the shop is stopping')
    if (this.#underWay >= this.#limits.waiting)
      throw new ShopUnavailable(`more than ${this.#limits.waiting} commands are waiting`)
    return new Promise((resolve, reject) => {
      this.#answer(command, reject).then(resolve, reject)
    })
  }

  /** Settles when the work for the command has ended. `giveUp` answers a caller whose time is up before. */
  async #answer(command: Command, giveUp: Caller['giveUp']): Promise<Outcome<unknown>> {
    const caller = this.#patience.begin(giveUp)
    this.#underWay += 1
    try {
      const orderIds = command.verb.look?.(command.input)
      const seen = orderIds ? await this.#look(orderIds) : nothingSeen
      const keys = keysOf({ command, seen }, this.#policies)
      return await new Promise<Outcome<unknown>>((resolve, reject) =>
        this.#line.push({ command, caller, seen, keys, resolve, reject }),
      )
    } finally {
      this.#patience.end(caller)
      this.#underWay -= 1
      if (this.#underWay === 0) for (const resolve of this.#drained.splice(0)) resolve()
    }
  }

  /** Takes no more commands and resolves when those that are waiting have been answered. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  async #look(orderIds: readonly string[]) {
    try {
      return await this.#outlines(orderIds)
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
  #stillPatient(tickets: readonly Ticket[]): Ticket[] {
    const now = this.#timer.elapsedMs()
    return tickets.filter((ticket) => {
      const late = this.#patience.lateness(ticket.caller, now)
      if (late) ticket.reject(late)
      return !late
    })
  }

  /** Resolves with what answers the tickets that were not answered or sent on alone by then, and never rejects: a bug of ours, or of the host's ids, timer or observer, is an answer, too. */
  async #run(group: readonly Ticket[]): Promise<Answer> {
    try {
      return await this.#commit(group)
    } catch (bug) {
      return rejecting(group, bug)
    }
  }

  async #commit(waiting: readonly Ticket[]): Promise<Answer> {
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
      const again = (error.kind === 'conflict' || error.kind === 'unavailable') && tried < this.#limits.retries
      this.#tell('onRetry', { kind: error.kind, size: group.length, split: !again && group.length > 1 })
      if (!again) return this.#giveUp(group, error)
      await this.#timer.pause(this.#timer.random() * 5 * 2 ** tried)
      group = this.#stillPatient(group)
    }
    return noAnswer
  }

  /** One transaction; where its commit is in doubt, finds out. */
  async #attempt(group: readonly Ticket[]): Promise<Attempt> {
    const groupId = this.#newId()
    const began = this.#timer.elapsedMs()
    for (const { caller } of group) caller.isUnderWay = true
    let decided: { verdicts: readonly Verdict[]; hasEvents: boolean } | undefined
    try {
      const keys = mergeKeys(group.map((ticket) => ticket.keys))
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
  async #findOut(groupId: string, group: readonly Ticket[]): Promise<boolean | 'unknown'> {
    const until = this.#patience.untilOf(group.map(({ caller }) => caller))
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
  #giveUp(group: readonly Ticket[], error: StoreError): Answer {
    if (group.length > 1 && error.kind !== 'unavailable') {
      for (const ticket of group) void this.#singles.run(async () => (await this.#run([ticket]))())
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
  (group: readonly Ticket[], verdicts: readonly Verdict[]): Answer =>
  () => {
    for (const [index, ticket] of group.entries()) {
      const verdict = verdicts[index]
      if (verdict && 'outcome' in verdict) ticket.resolve(verdict.outcome)
      else ticket.reject(verdict?.bug)
    }
  }

const rejecting =
  (group: readonly Ticket[], error: unknown): Answer =>
  () => {
    for (const { reject } of group) reject(error)
  }
