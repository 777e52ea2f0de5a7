import { singleFlight } from '@shop/core/store'
import type { HealthCheck, Readiness } from '../http/http-deps.js'
import { settlesWithin } from '../util/settles-within.js'

const timeoutMs = 1_000

/** Checks one dependency now. Resolves with undefined if there is nothing to report. */
export type ReadinessCheck = () => Promise<HealthCheck | undefined>

type CheckResults = Readonly<Record<string, HealthCheck>>

/** A check that succeeds if the store responds. */
export const pingCheck =
  (ping: () => Promise<void>): ReadinessCheck =>
  async () => {
    await ping()
    return { status: 'up' }
  }

/** A check that succeeds if the database accepts writes. Otherwise its detail is the state of the database. */
export const writableCheck =
  (ask: () => Promise<string>): ReadinessCheck =>
  async () => {
    const state = await ask()
    return state === 'writable' ? { status: 'up' } : { status: 'down', detail: state }
  }

/**
 * Readiness of this server: whether it accepts requests, and the state of its dependencies. Concurrent calls
 * share one run of the checks.
 */
export class ServerReadiness implements Readiness {
  readonly #checks: Readonly<Record<string, ReadinessCheck>>
  #isServing = true
  readonly #shedding = new AbortController()

  constructor(checks: Readonly<Record<string, ReadinessCheck>>) {
    this.#checks = checks
  }

  /** From now on, `/readyz` fails, so load balancers choose other servers. */
  stopServing(): void {
    this.#isServing = false
  }

  /** From now on, each answer is the last one on its connection. */
  shedConnections(): void {
    this.#shedding.abort()
  }

  isShedding(): boolean {
    return this.#shedding.signal.aborted
  }

  /** Aborted by `shedConnections`. */
  get shedding(): AbortSignal {
    return this.#shedding.signal
  }

  isServing(): boolean {
    return this.#isServing
  }

  readonly check = singleFlight((): Promise<CheckResults> => this.#run())

  async #run(): Promise<CheckResults> {
    const checks = Object.entries(this.#checks).map(async ([name, check]) => [name, await inTime(check)] as const)
    const results = await Promise.all(checks)
    return Object.fromEntries(results.filter((each): each is [string, HealthCheck] => each[1] !== undefined))
  }
}

const inTime = async (check: ReadinessCheck): Promise<HealthCheck | undefined> => {
  let result: HealthCheck | undefined
  const checking = check().then((checked) => {
    result = checked
  })
  try {
    if (await settlesWithin(timeoutMs, checking)) return result
    return { status: 'down', detail: `no answer within ${timeoutMs} ms` }
  } catch {
    return { status: 'down', detail: 'no connection' }
  }
}
