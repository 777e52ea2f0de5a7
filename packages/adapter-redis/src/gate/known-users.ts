import { singleFlight } from '@shop/core'
import type { GateOptions } from './gate-options.js'

const maxUsers = 100_000

/** Remembers which users exist: an existing user never disappears. Each server asks the database once per user. */
export class KnownUsers {
  readonly #reads: GateOptions['reads']
  readonly #known = new Set<string>()
  readonly #ask = singleFlight(
    ({ name, userId }: { readonly name: string; readonly userId: string }) => this.#askDatabase(name, userId),
    ({ name }) => name,
  )

  constructor(reads: GateOptions['reads']) {
    this.#reads = reads
  }

  async exists(database: string, userId: string): Promise<boolean> {
    const name = `${database} ${userId}`
    return this.#known.has(name) || this.#ask({ name, userId })
  }

  async #askDatabase(name: string, userId: string): Promise<boolean> {
    if (!(await this.#reads.wallet?.(userId))) return false
    // The oldest goes: a set keeps the order of insertion.
    for (const oldest of this.#known) {
      if (this.#known.size < maxUsers) break
      this.#known.delete(oldest)
    }
    this.#known.add(name)
    return true
  }
}
