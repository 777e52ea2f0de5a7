import type { Timer } from '../shared/timer.js'
import { CommandQueue, type RowLocker } from './command-queue.js'
import { StallDetector } from './stall-detector.js'

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
