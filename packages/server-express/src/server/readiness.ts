import type { HealthCheck, Readiness } from '../http/http-deps.js'
import { endsWithin } from './deadline.js'

const patienceMs = 1_000

/** Says whether this server wants requests, and whether what it needs answers. However many ask, each is asked once. */
export class ServerReadiness implements Readiness {
  readonly #ping: () => Promise<void>
  #isServing = true
  readonly #checkRedis: (() => Promise<HealthCheck>) | undefined
  #asking: Promise<Readonly<Record<string, HealthCheck>>> | undefined

  constructor(ping: () => Promise<void>, checkRedis?: () => Promise<HealthCheck>) {
    this.#ping = ping
    this.#checkRedis = checkRedis
  }

  /** From here on, load balancers are told to go elsewhere. */
  stopServing(): void {
    this.#isServing = false
  }

  isServing(): boolean {
    return this.#isServing
  }

  check(): Promise<Readonly<Record<string, HealthCheck>>> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<Readonly<Record<string, HealthCheck>>> {
    const [database, redis] = await Promise.all([this.#askDatabase(), this.#checkRedis?.()])
    return { database, ...(redis && { redis }) }
  }

  async #askDatabase(): Promise<HealthCheck> {
    try {
      if (await endsWithin(patienceMs, this.#ping())) return { status: 'up' }
      return { status: 'down', detail: `no answer within ${patienceMs} ms` }
    } catch {
      return { status: 'down', detail: 'no connection' }
    }
  }
}
