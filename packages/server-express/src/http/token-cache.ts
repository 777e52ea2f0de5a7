import type { Caller } from './http-deps.js'

interface Entry {
  readonly caller: Caller
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Callers by token: at most so many, the least recently seen leaves first. Only what was verified comes in. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  get(token: string, now: number): Caller | undefined {
    const entry = this.#entries.get(token)
    if (!entry) return undefined
    this.#entries.delete(token)
    if (now >= entry.until) return undefined
    this.#entries.set(token, entry)
    return entry.caller
  }

  put(token: string, entry: Entry): void {
    if (this.#entries.size >= this.#size) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(token, entry)
  }
}
