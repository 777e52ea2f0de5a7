import type { Ticket } from './ticket.js'

/** One transaction at a time; what arrives meanwhile goes together next. Needs no timer. */
export class Lane {
  readonly #groupSize: number
  readonly #run: (group: readonly Ticket[]) => Promise<void>
  #waiting: Ticket[] = []
  #running = false

  /** `run` answers every ticket it is given and never rejects. */
  constructor(groupSize: number, run: (group: readonly Ticket[]) => Promise<void>) {
    this.#groupSize = groupSize
    this.#run = run
  }

  push(ticket: Ticket): void {
    this.#waiting.push(ticket)
    if (this.#running) return
    this.#running = true
    // Those who ask in the same turn of the event loop go together.
    queueMicrotask(() => void this.#runAll())
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.length <= this.#groupSize ? this.#waiting : this.#waiting.slice(0, this.#groupSize)
      this.#waiting = group === this.#waiting ? [] : this.#waiting.slice(this.#groupSize)
      await this.#run(group)
    }
    this.#running = false
  }
}
