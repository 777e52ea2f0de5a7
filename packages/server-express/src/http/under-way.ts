import type { Route } from './route.js'

type Kind = Pick<Route, 'method'>

/** Counts requests under way. Reads and writes are counted apart: slow bodies are writes, and must not block reads. */
export class UnderWay {
  readonly #most: number
  #reads = 0
  #writes = 0

  /** `most`: of each of the two kinds. */
  constructor(most = 5_000) {
    this.#most = most
  }

  /** False if too many are under way; otherwise `leave` must be called once. */
  enter({ method }: Kind): boolean {
    if (method === 'GET') {
      if (this.#reads >= this.#most) return false
      this.#reads += 1
    } else {
      if (this.#writes >= this.#most) return false
      this.#writes += 1
    }
    return true
  }

  leave({ method }: Kind): void {
    if (method === 'GET') this.#reads -= 1
    else this.#writes -= 1
  }
}
