import type { HealthCheck, Readiness } from '../http/http-deps.js'
import { settlesWithin } from '../util/settles-within.js'

const timeoutMs = 1_000

/** How one thing is doing, asked now. Nothing, where there is nothing to say. */
export type Check = () => Promise<HealthCheck | undefined>

type Checks = Readonly<Record<string, HealthCheck>>

/** Whether a store answers. */
export const answers =
  (ping: () => Promise<void>): Check =>
  async () => {
    await ping()
    return { status: 'up' }
  }

/** Whether a database takes writes; the detail names what else it is. */
export const takesWrites =
  (ask: () => Promise<string>): Check =>
  async () => {
    const state = await ask()
    return state === 'writable' ? { status: 'up' } : { status: 'down', detail: state }
  }

/** Says whether this server wants requests, and how what it needs is doing. However many ask, each is asked once. */
export class ServerReadiness implements Readiness {
  readonly #checks: Readonly<Record<string, Check>>
  #isServing = true
  #isShedding = false
  #asking: Promise<Checks> | undefined

  constructor(checks: Readonly<Record<string, Check>>) {
    this.#checks = checks
  }

  /** From here on, load balancers are told to go elsewhere. */
  stopServing(): void {
    this.#isServing = false
  }

  /** From now on, each answer is the last one on its connection. */
  shedConnections(): void {
    this.#isShedding = true
  }

  isShedding(): boolean {
    return this.#isShedding
  }

  isServing(): boolean {
    return this.#isServing
  }

  check(): Promise<Checks> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<Checks> {
    const asked = Object.entries(this.#checks).map(async ([name, check]) => [name, await inTime(check)] as const)
    const told = await Promise.all(asked)
    return Object.fromEntries(told.filter((each): each is [string, HealthCheck] => each[1] !== undefined))
  }
}

const inTime = async (check: Check): Promise<HealthCheck | undefined> => {
  let told: HealthCheck | undefined
  const asking = check().then((answer) => {
    told = answer
  })
  try {
    if (await settlesWithin(timeoutMs, asking)) return told
    return { status: 'down', detail: `no answer within ${timeoutMs} ms` }
  } catch {
    return { status: 'down', detail: 'no connection' }
  }
}
