import { createHash } from 'node:crypto'
import type { PolicyRegister } from '@shop/adapter-knex'
import type { Policies, Violation } from '@shop/core'
import { canonicalJson } from '@shop/core/store'
import type { Logger } from 'pino'
import type { HealthCheck } from '../http/http-deps.js'

const everyMs = 5_000
const aliveMs = 20_000

/** Different policies have different fingerprints. */
export const fingerprintOf = (policies: Policies): string =>
  createHash('sha256').update(canonicalJson(policies)).digest('hex').slice(0, 16)

export interface PolicyAgreementDeps {
  readonly register: PolicyRegister
  readonly policies: Policies
  readonly logger: Logger
}

/** Detects servers on the same database with different policies. Callers of such servers get inconsistent results. */
export class PolicyAgreement {
  readonly #register: PolicyRegister
  readonly #logger: Logger
  readonly #fingerprint: string
  #others: readonly string[] = []
  #next: NodeJS.Timeout | undefined
  #announcing: Promise<void> | undefined
  #isClosed = false

  constructor({ register, policies, logger }: PolicyAgreementDeps) {
    this.#register = register
    this.#logger = logger
    this.#fingerprint = fingerprintOf(policies)
  }

  /** Starts to announce the policies of this server periodically. */
  start(): void {
    this.#announcing = this.#announceOn()
  }

  /** The result of the last announcement. Undefined if all servers agree. */
  async check(): Promise<HealthCheck | undefined> {
    if (this.#others.length === 0) return undefined
    return { status: 'degraded', detail: 'servers on this database have different policies' }
  }

  /** Announces again, and returns the current violations. */
  async violations(): Promise<readonly Violation[]> {
    await this.#announce()
    if (this.#others.length === 0) return []
    return [{ law: 'POLICIES-AGREE', subject: 'servers', expected: this.#fingerprint, actual: this.#others }]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#next)
    await this.#announcing
    await this.#register.retract(this.#fingerprint).catch(() => {})
  }

  async #announceOn(): Promise<void> {
    try {
      await this.#announce()
    } catch (error) {
      this.#logger.debug({ err: error }, 'could not announce the policies')
    }
    if (!this.#isClosed) this.#next = setTimeout(() => this.start(), everyMs).unref()
  }

  async #announce(): Promise<void> {
    const others = await this.#register.announce(this.#fingerprint, aliveMs)
    const differed = this.#others.length > 0
    this.#others = others
    if (others.length > 0 && !differed) {
      this.#logger.warn({ policies: this.#fingerprint, others }, 'servers on this database have different policies')
    }
    if (others.length === 0 && differed) this.#logger.info('all servers on this database have the same policies')
  }
}
