import { createShop, type IdempotencyKey, type NewId, type Outcome, type Shop, type Store } from '@shop/core'
import { canonicalJson } from '@shop/core/store'
import type { Logger } from 'pino'
import { attempt, inParallel, type Purse, prepareBuyer, prepareSubject, purseOf, retireSubject } from './buyers.js'
import { Meter } from './meter.js'
import { prove, type RushProofs } from './prove.js'
import { buyerId, type Rush, type RushMode, type RushPlan, type RushSubject } from './rush.js'

export interface RushesOptions {
  readonly shop: Shop<never>
  readonly store: Store<never>
  readonly newId: NewId
  readonly logger: Logger
}

interface Current {
  readonly rushId: string
  readonly plan: RushPlan
  readonly meters: ReadonlyMap<RushMode, Meter>
  state: Rush['state']
  prepared: number
  proofs: RushProofs
}

const remembered = 10
/** Long enough for every buyer to get a response, so that both runs process the same requests. */
const rushTimeoutMs = 300_000
/** Concurrency while creating buyers. */
const preparing = 500

/** Runs rushes on a shop, one at a time, and remembers the latest ones. */
export class Rushes {
  readonly #options: RushesOptions
  readonly #rushes = new Map<string, Current>()
  readonly #keys = new Map<string, { readonly request: string; readonly rushId: string }>()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  /** The meter of the run on the shop itself. */
  #groupMeter: Meter | undefined

  constructor(options: RushesOptions) {
    this.#options = options
  }

  /** Whether a rush is in progress. */
  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Call it for every group that the shop commits. */
  onGroup(group: { readonly size: number }): void {
    this.#groupMeter?.onGroup(group)
  }

  /** The rush that this idempotency key started earlier, if any. */
  earlier(plan: RushPlan, idempotency: IdempotencyKey | undefined): Outcome<Rush> | undefined {
    const earlier = idempotency && this.#keys.get(canonicalJson([idempotency.scope, idempotency.key]))
    const rush = earlier && this.get(earlier.rushId)
    if (!rush) return undefined
    return earlier.request === canonicalJson(plan)
      ? { ok: true, result: rush, replayed: true }
      : { ok: false, refusal: { code: 'IDEMPOTENCY_KEY_REUSED' }, replayed: false }
  }

  /** Starts a rush. Throws if one is in progress. */
  start(plan: RushPlan, idempotency?: IdempotencyKey): Rush {
    if (this.#running) throw new Error('a rush is already in progress')
    const rushId = this.#options.newId().slice(-12)
    const modes: readonly RushMode[] = plan.comparison ? ['grouped', 'one-by-one'] : ['grouped']
    const meters = new Map(modes.map((mode) => [mode, new Meter(mode, `rush-${rushId}-${mode}`, plan.quantity)]))
    const rush: Current = { rushId, plan, meters, state: 'preparing', prepared: 0, proofs: { proofs: [], laws: [] } }
    this.#remember(rush, idempotency)
    this.#running = this.#run(rush)
      .catch((error: unknown) => {
        rush.state = 'failed'
        if (!this.#stopping.signal.aborted) this.#options.logger.error({ err: error, rushId }, 'a rush failed')
      })
      .finally(() => {
        this.#running = undefined
      })
    return view(rush)
  }

  get(rushId: string): Rush | undefined {
    const rush = this.#rushes.get(rushId)
    return rush && view(rush)
  }

  /** Stops the rush in progress, after the requests in flight. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #remember(rush: Current, idempotency: IdempotencyKey | undefined): void {
    this.#rushes.set(rush.rushId, rush)
    if (idempotency) {
      const { scope, key } = idempotency
      this.#keys.set(canonicalJson([scope, key]), { request: canonicalJson(rush.plan), rushId: rush.rushId })
    }
    const [oldest] = this.#rushes.keys()
    if (this.#rushes.size > remembered && oldest !== undefined) this.#rushes.delete(oldest)
    for (const [key, { rushId }] of this.#keys) if (!this.#rushes.has(rushId)) this.#keys.delete(key)
  }

  async #run(rush: Current): Promise<void> {
    const { shop, store } = this.#options
    const { rushId, plan } = rush
    const purse = plan.kind === 'stock' ? purseOf(shop) : { charged: 0, price: 0 }
    const subjects: RushSubject[] = [...rush.meters].map(([mode, meter]) => ({
      mode,
      subjectId: meter.view().subjectId,
    }))
    try {
      await this.#prepare(rush, subjects, purse)
      rush.state = 'running'
      for (const subject of subjects) await this.#runOnce(rush, subject)
      rush.state = 'checking'
      const reported = [...rush.meters.values()].map((meter) => meter.view())
      const charged = purse.charged * plan.buyers
      const { signal } = this.#stopping
      rush.proofs = await prove(store, { rushId, plan, reported, charged, price: purse.price, signal })
    } finally {
      for (const subject of subjects) {
        const won = rush.meters.get(subject.mode)?.view().won ?? 0
        // If the shop is already stopping, the product stays listed: it is only demo data.
        await retireSubject(shop, plan, subject, won).catch(() => undefined)
      }
    }
    rush.state = 'done'
  }

  async #prepare(rush: Current, subjects: readonly RushSubject[], { charged, price }: Purse): Promise<void> {
    const { shop } = this.#options
    const { rushId, plan } = rush
    for (const subject of subjects) await prepareSubject(shop, plan, subject, price)
    await inParallel(plan.buyers, preparing, this.#stopping.signal, async (index) => {
      await prepareBuyer(shop, buyerId(rushId, index), charged)
      rush.prepared += 1
    })
  }

  async #runOnce({ rushId, plan, meters }: Current, subject: RushSubject): Promise<void> {
    const meter = meters.get(subject.mode) as Meter
    const { shop, close } = this.#shopFor(subject.mode, meter)
    meter.begin()
    try {
      await inParallel(plan.buyers, plan.concurrency, this.#stopping.signal, async (index) => {
        const began = performance.now()
        const outcome = await attempt(shop, plan, subject, buyerId(rushId, index))
        meter.onOutcome(outcome, performance.now() - began)
      })
    } finally {
      meter.end()
      await close()
    }
  }

  #shopFor(mode: RushMode, meter: Meter): { readonly shop: Shop<never>; close(): Promise<void> } {
    const { shop, store, newId } = this.#options
    if (mode === 'grouped') {
      this.#groupMeter = meter
      return {
        shop,
        close: async () => {
          this.#groupMeter = undefined
        },
      }
    }
    const { policies } = shop
    const observer = { onGroup: (group: { readonly size: number }) => meter.onGroup(group) }
    const single = createShop({
      store,
      policies,
      newId,
      limits: { maxGroupSize: 1, timeoutMs: rushTimeoutMs },
      observer,
    })
    return { shop: single, close: () => single.close() }
  }
}

const view = ({ rushId, plan, state, prepared, meters, proofs }: Current): Rush => ({
  rushId,
  ...plan,
  state,
  prepared,
  runs: [...meters.values()].map((meter) => meter.view()),
  ...proofs,
})
