import { createHash } from 'node:crypto'
import type { Caller } from '../http/http-deps.js'

interface Entry {
  readonly caller: Caller
  /** Milliseconds since 1970. */
  readonly until: number
}

/** As long for a long token as for a short one. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64')

/** Callers by token: at most so many, the least recently seen leaves first. Only what was verified comes in. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  get(token: string, now: number): Caller | undefined {
    const key = keyOf(token)
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    if (now >= entry.until) return undefined
    this.#entries.set(key, entry)
    return entry.caller
  }

  put(token: string, entry: Entry): void {
    if (this.#entries.size >= this.#size) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(keyOf(token), entry)
  }
}
