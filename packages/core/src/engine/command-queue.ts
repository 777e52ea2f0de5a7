import type { Timer } from '../shared/timer.js'
import { StallDetector } from './stall-detector.js'

/** What the queue knows of a command. */
export interface RowLocker {
  /** The rows it locks, one text each. */
  readonly rows: readonly string[]
}

interface Entry<Command> {
  readonly command: Command
  readonly arrival: number
}

interface RunningGroup<Command> {
  readonly group: readonly Command[]
  readonly rows: ReadonlySet<string>
}

/** How many of the longest blocked commands reserve their rows, so that later commands cannot starve them. */
const maxReserving = 16

/**
 * Orders commands into groups that share no row. Synchronous: no promise, no timer; the caller decides when to take a group.
 *
 * A command is in one of these states:
 *
 *     enqueue ──┬──────────────► READY ──takeGroup──► RUNNING ──release──► removed
 *               │                │   ▲
 *               │       takeGroup│   │release
 *               │                ▼   │
 *               └──────────────► BLOCKED
 *
 * - READY: waits only for a group. Groups take ready commands in order, up to `maxGroupSize`.
 * - BLOCKED: one of its rows is busy or reserved. Does not hold up the commands behind it.
 * - RUNNING: in a group that was taken and not yet released. Its rows are busy.
 *
 * Transitions:
 *
 * - `enqueue` makes a command READY if all its rows are free, otherwise BLOCKED.
 * - `takeGroup` makes READY commands RUNNING. A command whose row an earlier group took meanwhile becomes BLOCKED.
 *   Commands of one group may share rows: they are decided one after the other.
 * - `release` frees the rows of a group. BLOCKED commands are then checked in order: those whose rows are free become
 *   READY. The first 16 that stay BLOCKED reserve their rows until the next `release`: nothing else may take them.
 *
 * Invariants:
 *
 * - Running groups have no row in common.
 * - READY and BLOCKED commands are each in the order of their arrival: first come, first served.
 * - While a command is BLOCKED, another is RUNNING or READY, so a later `release` checks it again.
 */
export class CommandQueue<Command extends RowLocker> {
  readonly #maxGroupSize: number
  #ready: Entry<Command>[] = []
  #blocked: Entry<Command>[] = []
  #arrivals = 0
  // A new `Set` for each group, for the reason given at `Callers`: one that lives long keeps what it held.
  #running: readonly RunningGroup<Command>[] = []
  /** Rows that the longest blocked commands wait for. */
  #reserved = new Set<string>()

  constructor(maxGroupSize: number) {
    this.#maxGroupSize = maxGroupSize
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  /** Returns whether the command is ready. */
  enqueue(command: Command): boolean {
    const isReady = this.#isFree(command)
    this.#arrivals += 1
    const list = isReady ? this.#ready : this.#blocked
    list.push({ command, arrival: this.#arrivals })
    return isReady
  }

  /** The next group, or undefined if no command can run now. Release it once its transaction has ended. */
  takeGroup(): readonly Command[] | undefined {
    while (this.#ready.length > 0) {
      const group = this.#takeReady()
      if (group.length === 0) continue
      const rows = new Set<string>()
      for (const command of group) for (const row of command.rows) rows.add(row)
      this.#running = [...this.#running, { group, rows }]
      return group
    }
    return undefined
  }

  release(group: readonly Command[]): void {
    this.#running = this.#running.filter((running) => running.group !== group)
    this.#reserved = new Set()
    const blocked = this.#blocked
    const freed: Entry<Command>[] = []
    const stillBlocked: Entry<Command>[] = []
    // Bounded, so that a release stays cheap however many commands wait for one row.
    const reach = Math.min(blocked.length, 4 * this.#maxGroupSize)
    for (let index = 0; index < reach; index += 1) {
      const entry = blocked[index] as Entry<Command>
      if (this.#isFree(entry.command)) freed.push(entry)
      else {
        if (stillBlocked.length < maxReserving) for (const row of entry.command.rows) this.#reserved.add(row)
        stillBlocked.push(entry)
      }
    }
    this.#blocked = reach === blocked.length ? stillBlocked : [...stillBlocked, ...blocked.slice(reach)]
    this.#ready = inArrivalOrder(freed, this.#ready)
  }

  #isFree({ rows }: Command): boolean {
    return !this.#isBusy(rows) && !rows.some((row) => this.#reserved.has(row))
  }

  #isBusy(rows: readonly string[]): boolean {
    return this.#running.some((running) => rows.some((row) => running.rows.has(row)))
  }

  /** Ready commands up to a group. Those whose rows are busy by now become blocked. */
  #takeReady(): Command[] {
    const ready = this.#ready
    const group: Command[] = []
    const nowBlocked: Entry<Command>[] = []
    let taken = 0
    for (; taken < ready.length && group.length < this.#maxGroupSize; taken += 1) {
      const entry = ready[taken] as Entry<Command>
      if (this.#isBusy(entry.command.rows)) nowBlocked.push(entry)
      else group.push(entry.command)
    }
    this.#ready = taken === ready.length ? [] : ready.slice(taken)
    this.#blocked = inArrivalOrder(nowBlocked, this.#blocked)
    return group
  }
}

/** Merges two lists that are in the order of arrival. Most often all of `one` arrived before `other`. */
const inArrivalOrder = <Command>(one: Entry<Command>[], other: Entry<Command>[]): Entry<Command>[] => {
  const last = one.at(-1)
  const first = other[0]
  if (!last) return other
  if (!first) return one
  const merged = [...one, ...other]
  return last.arrival < first.arrival ? merged : merged.sort((a, b) => a.arrival - b.arrival)
}

export interface GroupPumpOptions<Command> {
  readonly maxGroupSize: number
  /** Groups that run at once. */
  readonly concurrentGroups: number
  /** How many more may start while the running ones stall. */
  readonly extraGroupsWhenStalled: number
  readonly timer: Pick<Timer, 'pause'>
  /** Runs a group to its end. Resolves with a function that answers its callers; never rejects. */
  commit(group: readonly Command[]): Promise<() => void>
}

/** Runs `work` after all I/O that has already arrived. Browsers have no `setImmediate`; a timer replaces it there. */
const afterArrivals = (work: () => void): void => {
  const { setImmediate: soon = (later: () => void) => setTimeout(later, 0) } = globalThis as {
    readonly setImmediate?: (work: () => void) => unknown
  }
  soon(work)
}

/**
 * Starts groups from the queue: as many at once as `concurrentGroups`, and one more each time that no running group has
 * ended for 100 ms although a command is ready. So a stuck transaction delays only commands that need its rows.
 */
export class GroupPump<Command extends RowLocker> {
  readonly #options: GroupPumpOptions<Command>
  readonly #queue: CommandQueue<Command>
  readonly #stalls: StallDetector
  #running = 0
  /** Extra groups that may run now. */
  #extra = 0
  #isScheduled = false

  constructor(options: GroupPumpOptions<Command>) {
    this.#options = options
    this.#queue = new CommandQueue(options.maxGroupSize)
    this.#stalls = new StallDetector(options.timer, (isStalled) => {
      if (isStalled) {
        this.#extra += 1
        this.#pump()
      } else this.#watch()
    })
  }

  enqueue(command: Command): void {
    if (!this.#queue.enqueue(command) || this.#isScheduled) return
    if (this.#running >= this.#maxRunning) {
      this.#watch()
      return
    }
    this.#isScheduled = true
    // Commands that arrive in the same turn of the event loop share a group.
    if (this.#running === 0) queueMicrotask(() => this.#pump())
    else afterArrivals(() => this.#pump())
  }

  get #maxRunning(): number {
    return this.#options.concurrentGroups + this.#extra
  }

  #pump(): void {
    this.#isScheduled = false
    while (this.#running < this.#maxRunning) {
      const group = this.#queue.takeGroup()
      if (!group) break
      void this.#run(group)
    }
    this.#watch()
  }

  async #run(group: readonly Command[]): Promise<void> {
    this.#running += 1
    const extraAtStart = this.#extra
    const answer = await this.#options.commit(group)
    this.#queue.release(group)
    this.#running -= 1
    this.#stalls.progressed()
    // It stalled, since an extra group was allowed while it ran. Now it has ended.
    if (this.#extra > extraAtStart) this.#extra -= 1
    this.#pump()
    // Callers are answered after the next group has started: neither waits for the other.
    if (this.#running === 0) answer()
    else afterArrivals(answer)
  }

  #watch(): void {
    if (this.#queue.hasReady && this.#extra < this.#options.extraGroupsWhenStalled) this.#stalls.watch()
  }
}
