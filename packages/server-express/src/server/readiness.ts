import type { HealthCheck, Readiness } from '../http/http-deps.js'
import { endsWithin } from './deadline.js'

const patienceMs = 1_000

/** Says whether this server wants requests, and whether its database answers. However many ask, the database is asked once. */
export class ServerReadiness implements Readiness {
  readonly #ping: () => Promise<void>
  #isServing = true
  #asking: Promise<HealthCheck> | undefined

  constructor(ping: () => Promise<void>) {
    this.#ping = ping
  }

  /** From here on, load balancers are told to go elsewhere. */
  stopServing(): void {
    this.#isServing = false
  }

  isServing(): boolean {
    return this.#isServing
  }

  async check(): Promise<Readonly<Record<string, HealthCheck>>> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return { database: await this.#asking }
  }

  async #ask(): Promise<HealthCheck> {
    try {
      if (await endsWithin(patienceMs, this.#ping())) return { status: 'up' }
      return { status: 'down', detail: `no answer within ${patienceMs} ms` }
    } catch {
      return { status: 'down', detail: 'no connection' }
    }
  }
}
