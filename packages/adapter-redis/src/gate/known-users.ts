import type { GateOptions } from './gate-options.js'

const maxUsers = 100_000

/** Remembers users that exist; users are never deleted. Asks the database once for each user. */
export class KnownUsers {
  readonly #reads: GateOptions['reads']
  readonly #known = new Set<string>()
  readonly #asking = new Map<string, Promise<boolean>>()

  constructor(reads: GateOptions['reads']) {
    this.#reads = reads
  }

  /** Rejects if the database cannot be asked. */
  async exists(database: string, userId: string): Promise<boolean> {
    const name = `${database} ${userId}`
    if (this.#known.has(name)) return true
    let asking = this.#asking.get(name)
    if (!asking) {
      asking = this.#ask(name, userId).finally(() => this.#asking.delete(name))
      this.#asking.set(name, asking)
    }
    return asking
  }

  async #ask(name: string, userId: string): Promise<boolean> {
    if (!(await this.#reads.wallet?.(userId))?.found) return false
    // A set keeps the order of insertion, so this removes the oldest.
    for (const oldest of this.#known) {
      if (this.#known.size < maxUsers) break
      this.#known.delete(oldest)
    }
    this.#known.add(name)
    return true
  }
}
