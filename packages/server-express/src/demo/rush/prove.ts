import type { Instant, Store } from '@shop/core'
import { type AuditSnapshot, type Law, type LawSubjects, laws, type ProductFacts } from '@shop/core/store'
import { isBuyerOf, type LawResult, type RushPlan, type RushProof, type RushSubject } from './rush.js'

/** What a run told its buyers. */
export interface Told extends RushSubject {
  readonly won: number
  /** Buyers who cannot know what became of their wish. */
  readonly unavailable: number
}

export interface Proven {
  readonly proofs: readonly RushProof[]
  readonly laws: readonly LawResult[]
}

/** What a walk over the store finds of a rush. */
interface Found {
  readonly products: Map<string, ProductFacts>
  readonly coupons: Map<string, { readonly issued: number; readonly copies: number; readonly owners: Set<string> }>
  balances: number
  entries: number
}

type Look<S extends keyof LawSubjects> = (facts: LawSubjects[S]) => void

/** Holds the laws of one kind of thing against all of its kind, and shows each to `look`. */
const walk = async <S extends keyof LawSubjects>(
  signal: AbortSignal,
  subject: S,
  all: AsyncIterable<LawSubjects[S]> | Iterable<LawSubjects[S]>,
  now: Instant,
  look: Look<S> = () => {},
): Promise<Map<string, LawResult>> => {
  const own = laws.filter((law) => law.subject === subject) as unknown as readonly Law<S>[]
  const counts = own.map((law) => ({ law, checked: 0, broken: 0 }))
  for await (const facts of all) {
    signal.throwIfAborted()
    look(facts)
    for (const count of counts) {
      count.checked += 1
      if (count.law.check(facts, now)) count.broken += 1
    }
  }
  return new Map(
    counts.map(({ law: { id, sentence }, checked, broken }) => [id, { law: id, sentence, checked, broken }]),
  )
}

const lookAround = async (
  snapshot: AuditSnapshot,
  { rushId, told, signal }: Pick<ProveOptions, 'rushId' | 'told' | 'signal'>,
) => {
  const subjectIds = new Set(told.map(({ subjectId }) => subjectId))
  const found: Found = { products: new Map(), coupons: new Map(), balances: 0, entries: 0 }
  const { now } = snapshot
  const results = [
    await walk(signal, 'wallet', snapshot.wallets(), now, ({ wallet, entrySum }) => {
      if (!isBuyerOf(rushId, wallet.userId)) return
      found.balances += wallet.balance
      found.entries += entrySum
    }),
    await walk(signal, 'product', snapshot.products(), now, (facts) => {
      if (subjectIds.has(facts.product.productId)) found.products.set(facts.product.productId, facts)
    }),
    await walk(signal, 'coupon', snapshot.coupons(), now, ({ coupon, issuedCount }) => {
      const { couponId, issued } = coupon
      if (subjectIds.has(couponId)) found.coupons.set(couponId, { issued, copies: issuedCount, owners: new Set() })
    }),
    await walk(signal, 'issuedCoupon', snapshot.issuedCoupons(), now, ({ issued }) => {
      found.coupons.get(issued.couponId)?.owners.add(issued.userId)
    }),
    await walk(signal, 'order', snapshot.orders(), now),
    await walk(signal, 'orphans', await snapshot.orphans(), now),
  ]
  const byLaw = new Map(results.flatMap((result) => [...result]))
  return { found, laws: laws.flatMap(({ id }) => byLaw.get(id) ?? []) }
}

/** Who was told to come back later may have got it all the same, or may not. */
const isExplained = (actual: number, { won, unavailable }: Told): boolean =>
  actual >= won && actual <= won + unavailable

const ofStock = (plan: RushPlan, told: Told, facts: ProductFacts): readonly RushProof[] => {
  const { mode } = told
  const { received, stock, held } = facts.product
  const sold = facts.paidSum
  const expected = Math.min(plan.quantity, plan.buyers)
  const isComplete = sold === expected || told.unavailable > 0
  return [
    {
      proof: 'nothing-oversold',
      mode,
      holds: sold <= plan.quantity && isComplete && isExplained(sold, told),
      numbers: { quantity: plan.quantity, given: sold, told: told.won },
    },
    {
      proof: 'stock-conserved',
      mode,
      holds: received === stock + sold,
      numbers: { received, left: stock, given: sold },
    },
    {
      proof: 'nothing-held',
      mode,
      holds: held === facts.holdSum && (held === 0 || told.unavailable > 0),
      numbers: { held },
    },
  ]
}

const ofCoupons = (
  plan: RushPlan,
  told: Told,
  { issued, copies, owners }: { issued: number; copies: number; owners: ReadonlySet<string> },
): readonly RushProof[] => {
  const { mode } = told
  const expected = Math.min(plan.quantity, plan.buyers)
  const isComplete = copies === expected || told.unavailable > 0
  return [
    {
      proof: 'nothing-oversold',
      mode,
      holds: issued <= plan.quantity && issued === copies && isComplete && isExplained(copies, told),
      numbers: { quantity: plan.quantity, given: issued, told: told.won },
    },
    { proof: 'one-each', mode, holds: owners.size === copies, numbers: { given: copies, owners: owners.size } },
  ]
}

export interface ProveOptions {
  readonly rushId: string
  readonly plan: RushPlan
  readonly told: readonly Told[]
  /** What all buyers together had, and what a unit cost. */
  readonly charged: number
  readonly price: number
  /** Ends it early, with the signal's reason. */
  readonly signal: AbortSignal
}

/** Adds up what a rush left behind and checks every law of the shop, all on one snapshot of the live data. */
export const prove = async (store: Pick<Store, 'audit'>, options: ProveOptions): Promise<Proven> => {
  const { plan, told, charged, price } = options
  const snapshot = await store.audit()
  try {
    const around = await lookAround(snapshot, options)
    const { products, coupons, balances, entries } = around.found
    const ofRuns = told.flatMap((run) => {
      const product = products.get(run.subjectId)
      const coupon = coupons.get(run.subjectId)
      return product ? ofStock(plan, run, product) : coupon ? ofCoupons(plan, run, coupon) : []
    })
    if (plan.kind === 'coupons') return { proofs: ofRuns, laws: around.laws }
    const paid = price * [...products.values()].reduce((sum, { paidSum }) => sum + paidSum, 0)
    const money: RushProof = {
      proof: 'money-conserved',
      mode: null,
      holds: balances + paid === charged && balances === entries,
      numbers: { charged, balances, paid },
    }
    return { proofs: [...ofRuns, money], laws: around.laws }
  } finally {
    await snapshot.close()
  }
}
