import { lockedRows } from '../store/key-lists.js'
import type { QueuedCommand } from './queued-command.js'
import { StallDetector } from './stall-detector.js'

interface Waiting {
  readonly command: QueuedCommand
  readonly rows: readonly string[]
}

export interface CommandQueueOptions {
  /** Commands in one group, at most. */
  readonly maxGroupSize: number
  /** Groups under way at once. */
  readonly concurrentGroups: number
  /** As many more, one after the other, where those under way are stuck. */
  readonly extraGroupsWhenStalled: number
  readonly pause: (ms: number) => Promise<void>
  /** Does the work of every command it is given, and never rejects. What it resolves with answers them. */
  readonly run: (group: readonly QueuedCommand[]) => Promise<() => void>
}

/** Once all that has arrived already was heard. Where there is no `setImmediate`, as in a browser, a timer does. */
const afterArrivals = (work: () => void): void => {
  const { setImmediate: soon = (later: () => void) => setTimeout(later, 0) } = globalThis as {
    readonly setImmediate?: (work: () => void) => unknown
  }
  soon(work)
}

/** How many of those that were passed over keep their rows for themselves, so that nobody is passed over for ever. */
const reserving = 16

/**
 * What waits, in the order of its arrival. A group takes all that waits, and groups that run beside one another have no
 * row in common: who wants a row that is under way waits for it here, in line, and holds nobody else up.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  /** The rows of groups under way; and of those who have been passed over longest. */
  readonly #busy = new Set<string>()
  readonly #reserved = new Set<string>()
  /** Who want a row that is taken; and who may go, as soon as a lane is free. */
  #blocked: Waiting[] = []
  #ready: Waiting[] = []
  #running = 0
  readonly #stuck: StallDetector
  /** Spare lanes that are open, because groups that began before are stuck. */
  #spare = 0
  #isDue = false

  constructor(options: CommandQueueOptions) {
    this.#options = options
    this.#stuck = new StallDetector(options, (isStuck) => {
      if (isStuck) this.#openSpareLane()
      else this.#watch()
    })
  }

  push(command: QueuedCommand): void {
    const waiting = { command, rows: lockedRows(command.keys) }
    if (!this.#isFree(waiting)) {
      this.#blocked.push(waiting)
      return
    }
    this.#ready.push(waiting)
    if (this.#isDue) return
    if (this.#running >= this.#maxRunning) {
      this.#watch()
      return
    }
    this.#isDue = true
    // Those who ask in the same turn of the event loop go together.
    if (this.#running === 0) queueMicrotask(() => this.#start())
    else afterArrivals(() => this.#start())
  }

  #isTaken({ rows }: Waiting, taken: ReadonlySet<string>): boolean {
    return rows.some((row) => taken.has(row))
  }

  #isFree(waiting: Waiting): boolean {
    return !this.#isTaken(waiting, this.#busy) && !this.#isTaken(waiting, this.#reserved)
  }

  get #maxRunning(): number {
    return this.#options.concurrentGroups + this.#spare
  }

  #start(): void {
    this.#isDue = false
    while (this.#ready.length > 0 && this.#running < this.#maxRunning) {
      const group = this.#next()
      if (group.length > 0) void this.#run(group)
    }
    this.#watch()
  }

  /** While somebody waits for nothing but a lane: sees to it that stuck groups do not keep all of them. */
  #watch(): void {
    if (this.#ready.length > 0 && this.#spare < this.#options.extraGroupsWhenStalled) this.#stuck.watch()
  }

  /** None of the groups under way ends: whoever wants none of their rows waits no longer for a lane. */
  #openSpareLane(): void {
    this.#spare += 1
    this.#start()
  }

  /** Who may go now, up to a group; who may no longer, waits among the blocked. */
  #next(): Waiting[] {
    const waiting = this.#ready
    const group: Waiting[] = []
    let looked = 0
    for (; looked < waiting.length && group.length < this.#options.maxGroupSize; looked += 1) {
      const each = waiting[looked] as Waiting
      if (this.#isTaken(each, this.#busy)) this.#blocked.push(each)
      else group.push(each)
    }
    this.#ready = looked === waiting.length ? [] : waiting.slice(looked)
    return group
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    this.#running += 1
    const spare = this.#spare
    for (const { rows } of group) for (const row of rows) this.#busy.add(row)
    const answer = await this.#options.run(group.map(({ command }) => command))
    for (const { rows } of group) for (const row of rows) this.#busy.delete(row)
    this.#running -= 1
    this.#stuck.ended()
    // One that was stuck when a spare lane opened is stuck no more.
    if (this.#spare > spare) this.#spare -= 1
    this.#unblock()
    this.#start()
    // The next group is on its way to the store before this one is answered: neither waits for the other.
    if (this.#running === 0) answer()
    else afterArrivals(answer)
  }

  /** Those who waited longest come first: what they want nobody takes who came later. */
  #unblock(): void {
    this.#reserved.clear()
    const blocked = this.#blocked
    const free: Waiting[] = []
    const still: Waiting[] = []
    const reach = Math.min(blocked.length, 4 * this.#options.maxGroupSize)
    for (let index = 0; index < reach; index += 1) {
      const each = blocked[index] as Waiting
      if (this.#isFree(each)) free.push(each)
      else {
        if (still.length < reserving) for (const row of each.rows) this.#reserved.add(row)
        still.push(each)
      }
    }
    this.#blocked = reach === blocked.length ? still : [...still, ...blocked.slice(reach)]
    this.#ready = free.length === 0 ? this.#ready : [...free, ...this.#ready]
  }
}
