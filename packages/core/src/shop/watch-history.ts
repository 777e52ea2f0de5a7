import { type RecordLostHistory, recordLostHistory } from '../commands/history/record-lost-history.js'
import { type AcknowledgedGroup, type AcknowledgedGroups, acknowledgedBounds } from '../engine/acknowledged-groups.js'
import { iso } from '../shared/instant.js'
import { singleFlight } from '../shared/single-flight.js'
import type { Timer } from '../shared/timer.js'
import type { HistoryStore, MissingGroups } from '../store/store.js'
import type { Run } from './calls.js'
import { lossReports } from './loss-reports.js'

/** A change of the database's identity. */
export interface HistoryChange {
  /** The identity before; null if it was not read yet. */
  readonly from: string | null
  /** The identity now. */
  readonly to: string
}

/** What was lost in a change. */
export interface LostHistory extends HistoryChange {
  /** Groups that were acknowledged and are missing. */
  readonly groups: number
  /** Acknowledged commands of these groups that wrote something. */
  readonly commands: number
  /** The time of the first of these groups: ISO 8601 in UTC. */
  readonly firstAt: string
  /** The time of the last one: ISO 8601 in UTC. */
  readonly lastAt: string
  /** Orders that these groups placed or changed, as many as were remembered. */
  readonly orderIds: readonly string[]
}

/** Options of {@link ShopHistory.watch}. Errors of these functions are ignored. */
export interface HistoryWatchOptions {
  /**
   * How often the identity is read, in milliseconds: an integer ≥ 1. It is also read when a command loses its connection.
   * @default 5000
   */
  readonly everyMs?: number | undefined
  /**
   * Reads a text that changes at least whenever the identity does. Shops on one database can share one read: the store is
   * asked only after a change.
   * @default `store.history.identity`
   */
  readonly identity?: (() => Promise<string>) | undefined
  /** The identity has changed. Called before anything is asked: copies of the data elsewhere are now doubtful. */
  readonly onChange?: ((change: HistoryChange) => void) | undefined
  /** The identity has changed, and all `groups` that are remembered are there. */
  readonly onKept?: ((change: HistoryChange & { readonly groups: number }) => void) | undefined
  /** Groups are missing. Called once for each of them, before the loss is recorded. */
  readonly onLost?: ((lost: LostHistory) => void) | undefined
  /** A check failed. It is repeated until it succeeds. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** A running watch. */
export interface HistoryWatch {
  /** Checks now. Resolves once every loss that is known is recorded; rejects if that is not possible now. */
  check(): Promise<void>
  /** Ends the watch, and forgets what it remembers. Resolves once a running check has ended. */
  stop(): Promise<void>
}

export interface WatchDeps {
  readonly history: HistoryStore
  readonly record: Run
  readonly acknowledged: AcknowledgedGroups
  readonly timer: Timer
}

const defaultEveryMs = 5_000

/** A check that failed is repeated soon: the database is coming back. */
const retryMs = 500

/**
 * After a change, connections to the server before may live on for a while and acknowledge commands that nobody has: so
 * younger groups are asked for, too.
 */
const doubtMs = 60_000

/** Whether a mark of the group would still be there. The job `purge` removes the oldest marks, and no young ones. */
const hadMark = ({ at }: AcknowledgedGroup, { now, oldestMarkAt }: MissingGroups): boolean =>
  now - at < acknowledgedBounds.maxAgeMs || (oldestMarkAt !== null && at >= oldestMarkAt)

/** Reports that were recorded are kept as long as groups are: the next change may lose them. */
const keptReports = 100

class Watch implements HistoryWatch {
  readonly #deps: WatchDeps
  readonly #options: HistoryWatchOptions
  readonly #everyMs: number
  readonly #readTrigger: (() => Promise<string>) | undefined
  #known: string | null = null
  #trigger: string | undefined
  #doubtUntil = 0
  /** The youngest group that the present history was asked for. */
  #asked: AcknowledgedGroup | undefined
  /** Losses that are not recorded yet. */
  #due: readonly RecordLostHistory[] = []
  /** Losses that were recorded lately: the next change may lose them. */
  #recorded: readonly RecordLostHistory[] = []
  #next = 0
  #startedAt = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(deps: WatchDeps, options: HistoryWatchOptions) {
    const { everyMs = defaultEveryMs, identity } = options
    if (!Number.isSafeInteger(everyMs) || everyMs < 1)
      throw new RangeError(`everyMs must be an integer ≥ 1: ${everyMs}`)
    this.#deps = deps
    this.#options = options
    this.#everyMs = everyMs
    this.#readTrigger = identity
    deps.acknowledged.start(() => this.#suspect())
    this.#checkNow()
  }

  readonly check = singleFlight(async () => {
    this.#startedAt = this.#deps.timer.elapsedMs()
    try {
      await this.#checkOnce()
      this.#checkAfter(this.#everyMs)
    } catch (error) {
      tell(() => this.#options.onError?.(error))
      this.#checkAfter(Math.min(this.#everyMs, retryMs))
      throw error
    }
  })

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#deps.acknowledged.stop()
    // Joins a running check; otherwise does nothing.
    await this.check().catch(() => {})
  }

  #checkNow(): void {
    this.check().catch(() => {})
  }

  /** Many commands lose their connection at once. */
  #suspect(): void {
    if (this.#deps.timer.elapsedMs() - this.#startedAt >= Math.min(this.#everyMs, retryMs)) this.#checkNow()
  }

  #checkAfter(ms: number): void {
    this.#next += 1
    const own = this.#next
    if (this.#isStopped) return
    this.#deps.timer.after?.(ms, () => {
      if (own === this.#next && !this.#isStopped) this.#checkNow()
    })
  }

  async #checkOnce(): Promise<void> {
    if (this.#isStopped) return
    await this.#record()
    const { history, timer } = this.#deps
    const trigger = await this.#readTrigger?.()
    const isInDoubt = timer.elapsedMs() < this.#doubtUntil
    if (trigger !== undefined && trigger === this.#trigger && !isInDoubt) return
    const to = await history.identity()
    const from = this.#known
    if (to !== from) await this.#learn({ from, to })
    else if (isInDoubt) await this.#compare({ from, to })
    else if (trigger !== undefined) this.#doubtUntil = timer.elapsedMs() + doubtMs
    this.#trigger = trigger
  }

  async #learn(change: HistoryChange): Promise<void> {
    if (change.from !== null) tell(() => this.#options.onChange?.(change))
    this.#asked = undefined
    const { groups, lost } = await this.#compare(change)
    this.#known = change.to
    if (change.from === null) return this.#record()
    this.#doubtUntil = this.#deps.timer.elapsedMs() + doubtMs
    // A loss that was recorded in the history before may be lost with it. Recording it again changes nothing.
    this.#due = [...this.#recorded, ...this.#due]
    this.#recorded = []
    if (lost === 0) tell(() => this.#options.onKept?.({ ...change, groups }))
    await this.#record()
  }

  /** Asks for the groups that the present history was not asked for. */
  async #compare(change: HistoryChange): Promise<{ readonly groups: number; readonly lost: number }> {
    const { acknowledged, history } = this.#deps
    const all = acknowledged.all()
    const asked = all.slice(this.#asked === undefined ? 0 : all.indexOf(this.#asked) + 1)
    if (asked.length === 0) return { groups: 0, lost: 0 }
    const answer = await history.missing(asked.map(({ groupId }) => groupId))
    if (answer.history !== change.to) throw new Error('another server answered during the check of the history')
    const missingIds = new Set(answer.groupIds)
    this.#asked = asked.at(-1)
    const missing = asked.filter((group) => missingIds.has(group.groupId) && hadMark(group, answer))
    const [first] = missing
    if (first) this.#report(missing, { ...change, isPartial: acknowledged.hasForgotten && first === all[0] })
    return { groups: asked.length, lost: missing.length }
  }

  #report(
    missing: readonly AcknowledgedGroup[],
    { isPartial, ...change }: HistoryChange & { readonly isPartial: boolean },
  ): void {
    this.#due = [...this.#due, ...lossReports(missing, { ...change, isPartial })]
    this.#deps.acknowledged.forget(new Set(missing.map(({ groupId }) => groupId)))
    const times = missing.map(({ at }) => at)
    const lost: LostHistory = {
      ...change,
      groups: missing.length,
      commands: missing.reduce((sum, { commands }) => sum + commands, 0),
      firstAt: iso(times.reduce((least, at) => Math.min(least, at))),
      lastAt: iso(times.reduce((most, at) => Math.max(most, at))),
      orderIds: [...new Set(missing.flatMap(({ orderIds }) => orderIds))].sort(),
    }
    tell(() => this.#options.onLost?.(lost))
  }

  /** Records what is due, one after another. What could not be recorded stays due. */
  async #record(): Promise<void> {
    for (let [loss] = this.#due; loss; [loss] = this.#due) {
      await this.#deps.record(recordLostHistory, loss)
      this.#due = this.#due.slice(1)
      this.#recorded = [...this.#recorded, loss].slice(-keptReports)
    }
  }
}

const tell = (work: () => void): void => {
  try {
    work()
  } catch {}
}

/** Watches the history of a store: see {@link ShopHistory.watch}. */
export const watchHistory = (deps: WatchDeps, options: HistoryWatchOptions): HistoryWatch => new Watch(deps, options)
