import type { IdempotencyKey, Outcome } from '@shop/core'
import { canonicalJson } from '@shop/core/store'
import type { Logger } from 'pino'
import { inParallel, type Purse, prepareBuyer, prepareSubject, purseOf, retireSubject } from './buyers.js'
import { Meter } from './meter.js'
import { prove, type RushProofs } from './prove.js'
import { connectionsOf, perform, type Run, type RunDeps } from './run.js'
import {
  buyerId,
  isOfShop,
  type Rush,
  type RushMode,
  type RushPlan,
  type RushSubject,
  rushModes,
  type ShopSubject,
} from './rush.js'

export interface RushesOptions extends RunDeps {
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

  /** The modes that this server can run. */
  get modes(): readonly RushMode[] {
    const { database, tokens } = this.#options
    const isPossible: Readonly<Record<RushMode, boolean>> = {
      grouped: true,
      'one-by-one': true,
      naive: database?.naiveSchema !== undefined,
      http: tokens !== undefined,
      'two-servers': database !== undefined,
    }
    return rushModes.filter((mode) => isPossible[mode])
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

  /**
   * Starts a rush. Throws if one is in progress.
   * @param baseUrl the address of this server, for the mode `http`
   */
  start(plan: RushPlan, baseUrl: string, idempotency?: IdempotencyKey): Rush {
    if (this.#running) throw new Error('a rush is already in progress')
    const rushId = this.#options.newId().slice(-12)
    const meters = new Map(
      plan.modes.map((mode) => {
        const meter = new Meter(mode, `rush-${rushId}-${mode}`, plan.quantity)
        meter.onConnections(connectionsOf(mode, plan, this.#options))
        return [mode, meter]
      }),
    )
    const proofs: RushProofs = { sold: new Map(), proofs: [], laws: [] }
    const rush: Current = { rushId, plan, meters, state: 'preparing', prepared: 0, proofs }
    this.#remember(rush, idempotency)
    this.#running = this.#run(rush, baseUrl)
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

  async #run(rush: Current, baseUrl: string): Promise<void> {
    const { shop } = this.#options
    const { rushId, plan, meters } = rush
    const { signal } = this.#stopping
    const runs = [...meters.values()].map((meter): Run => {
      const { mode, subjectId } = meter.view()
      return { rushId, plan, subject: { mode, subjectId }, meter, baseUrl, signal }
    })
    const ofShop = runs.flatMap(({ subject, meter }) => (isOfShop(subject) ? [{ subject, meter }] : []))
    const purse = plan.kind === 'stock' ? purseOf(shop, ofShop.length) : { charged: 0, price: 0 }
    try {
      await this.#prepare(
        rush,
        ofShop.map(({ subject }) => subject),
        purse,
      )
      rush.state = 'running'
      for (const run of runs) await this.#perform(run)
      rush.state = 'checking'
      await this.#check(rush, ofShop, purse)
    } finally {
      for (const { subject, meter } of ofShop) {
        // If the shop is already stopping, the product stays listed: it is only demo data.
        await retireSubject(shop, plan, subject, meter.view().won).catch(() => undefined)
      }
    }
    rush.state = 'done'
  }

  async #prepare(rush: Current, subjects: readonly ShopSubject[], { charged, price }: Purse): Promise<void> {
    const { shop } = this.#options
    const { rushId, plan } = rush
    for (const subject of subjects) await prepareSubject(shop, plan, subject, price)
    if (subjects.length === 0) return
    await inParallel(plan.buyers, preparing, this.#stopping.signal, async (index) => {
      await prepareBuyer(shop, buyerId(rushId, index), charged)
      rush.prepared += 1
    })
  }

  async #perform(run: Run): Promise<void> {
    const { mode } = run.subject
    if (mode === 'grouped' || mode === 'http') this.#groupMeter = run.meter
    try {
      await perform(this.#options, run)
    } finally {
      this.#groupMeter = undefined
    }
  }

  async #check(
    rush: Current,
    runs: readonly { readonly subject: RushSubject; readonly meter: Meter }[],
    { charged, price }: Purse,
  ): Promise<void> {
    const { rushId, plan } = rush
    rush.proofs = await prove(this.#options.store, {
      rushId,
      plan,
      reported: runs.map(({ meter }) => meter.view()),
      charged: charged * plan.buyers,
      price,
      signal: this.#stopping.signal,
    })
    for (const { subject, meter } of runs) meter.onCounted(rush.proofs.sold.get(subject.mode) ?? 0)
  }
}

const view = ({ rushId, plan, state, prepared, meters, proofs: { proofs, laws } }: Current): Rush => ({
  rushId,
  ...plan,
  state,
  prepared,
  runs: [...meters.values()].map((meter) => meter.view()),
  proofs,
  laws,
})
