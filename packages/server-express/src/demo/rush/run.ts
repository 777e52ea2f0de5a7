import type { ExecutorObserver, Guard, NewId, Shop, Store } from '@shop/core'
import { inParallel } from './buyers.js'
import type { Meter } from './meter.js'
import { buyerId, type RushMode, type RushPlan, type RushSubject } from './rush.js'
import type { RushDatabase } from './sellers/database.js'
import { httpConnections, httpSeller } from './sellers/http-seller.js'
import { openNaiveSeller } from './sellers/naive-seller.js'
import type { Seller } from './sellers/seller.js'
import { oneByOneSeller, openTwoServersSeller, shopSeller } from './sellers/shop-seller.js'

/** How buyers of a run over HTTP identify themselves: by tokens of `sign`, or without if the server needs none. */
export interface RushTokens {
  readonly sign: ((userId: string) => Promise<string>) | undefined
}

/** What runs work with. */
export interface RunDeps {
  readonly shop: Shop<never>
  readonly store: Store<never>
  readonly newId: NewId
  /** The guards of the shop: shops that a run opens have the same. */
  readonly guards: readonly Guard[]
  /** Undefined if the store is not Postgres, or if the server did not open it. */
  readonly database: RushDatabase | undefined
  /** Undefined if this server can neither issue tokens nor do without. */
  readonly tokens: RushTokens | undefined
}

/** One run of a rush. */
export interface Run {
  readonly rushId: string
  readonly plan: RushPlan
  readonly subject: RushSubject
  readonly meter: Meter
  /** The address of this server, as the caller who started the rush reached it. */
  readonly baseUrl: string
  readonly signal: AbortSignal
}

const signAll = async (
  { sign }: RushTokens,
  { plan, signal }: Run,
  buyerOf: (index: number) => string,
): Promise<readonly string[] | undefined> => {
  if (sign === undefined) return undefined
  const tokens: string[] = []
  await inParallel(plan.buyers, 50, signal, async (index) => {
    tokens[index] = await sign(buyerOf(index))
  })
  return tokens
}

/** The connections that a run opens for itself. */
export const connectionsOf = (mode: RushMode, { concurrency }: RushPlan, { database }: RunDeps): number => {
  if (mode === 'http') return httpConnections(concurrency)
  const pools = mode === 'two-servers' ? 2 : mode === 'naive' ? 1 : 0
  return pools * (database?.connections ?? 0)
}

const missing = ({ subject }: Run): never => {
  throw new Error(`this server cannot run a rush of mode ${subject.mode}`)
}

/** Opens what the run needs. The meter does not run yet. */
const openSeller = async (deps: RunDeps, run: Run): Promise<Seller> => {
  const { shop, store, newId, guards, database, tokens } = deps
  const { rushId, plan, subject, meter } = run
  const { kind, quantity } = plan
  const { mode, subjectId } = subject
  const { policies } = shop
  const buyerOf = (index: number) => buyerId(rushId, index)
  const sale = { plan, subject, buyerOf }
  const observer: ExecutorObserver = { onGroup: (group) => meter.onGroup(group) }
  switch (mode) {
    case 'grouped':
      return shopSeller([shop], sale, async () => {})
    case 'one-by-one':
      return oneByOneSeller({ store, policies, newId, guards, observer }, sale)
    case 'two-servers': {
      if (database === undefined) return missing(run)
      return openTwoServersSeller(database, { policies, guards, observer }, sale)
    }
    case 'naive': {
      const schema = database?.naiveSchema
      if (database === undefined || schema === undefined) return missing(run)
      return openNaiveSeller({ database, schema, subjectId, quantity, buyerOf })
    }
    case 'http': {
      if (tokens === undefined) return missing(run)
      const { connections } = meter.view()
      const signed = await signAll(tokens, run, buyerOf)
      return httpSeller({ baseUrl: run.baseUrl, kind, subjectId, connections, buyerOf, tokens: signed })
    }
  }
}

/** Sends all buyers of a run, and measures it. */
export const perform = async (deps: RunDeps, run: Run): Promise<void> => {
  const { plan, meter, signal } = run
  const seller = await openSeller(deps, run)
  try {
    meter.begin()
    try {
      await inParallel(plan.buyers, plan.concurrency, signal, async (index) => {
        const began = performance.now()
        const outcome = await seller.attempt(index)
        meter.onOutcome(outcome, performance.now() - began, index % meter.servers)
      })
    } finally {
      meter.end()
    }
    const sold = await seller.countSold?.()
    if (sold !== undefined) meter.onCounted(sold)
  } finally {
    await seller.close()
  }
}
