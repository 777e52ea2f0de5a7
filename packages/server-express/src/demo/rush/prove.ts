import type { Instant, Store } from '@shop/core'
import { type AuditSnapshot, type Law, type LawSubjects, laws, type ProductFacts } from '@shop/core/store'
import { isBuyerOf, type LawResult, type RushMode, type RushPlan, type RushProof, type RushSubject } from './rush.js'

/** The results that a run reported to its buyers. */
export interface ReportedRun extends RushSubject {
  readonly won: number
  readonly wonByServer: readonly number[]
  /** Buyers whose result is unknown to them. */
  readonly unavailable: number
}

export interface RushProofs {
  /** What each run sold or issued, as found in the store. */
  readonly sold: ReadonlyMap<RushMode, number>
  readonly proofs: readonly RushProof[]
  readonly laws: readonly LawResult[]
}

/** The data of a rush, as found in the store. */
interface RushData {
  readonly products: Map<string, ProductFacts>
  readonly coupons: Map<string, { readonly issued: number; readonly copies: number; readonly owners: Set<string> }>
  balances: number
  entries: number
}

type Visit<S extends keyof LawSubjects> = (facts: LawSubjects[S]) => void

/** Checks the laws of one subject against all its rows, and passes each row to `visit`. */
const checkAll = async <S extends keyof LawSubjects>(
  signal: AbortSignal,
  subject: S,
  all: AsyncIterable<LawSubjects[S]> | Iterable<LawSubjects[S]>,
  now: Instant,
  visit: Visit<S> = () => {},
): Promise<Map<string, LawResult>> => {
  const own = laws.filter((law) => law.subject === subject) as unknown as readonly Law<S>[]
  const counts = own.map((law) => ({ law, checked: 0, broken: 0 }))
  for await (const facts of all) {
    signal.throwIfAborted()
    visit(facts)
    for (const count of counts) {
      count.checked += 1
      if (count.law.check(facts, now)) count.broken += 1
    }
  }
  return new Map(
    counts.map(({ law: { id, sentence }, checked, broken }) => [id, { law: id, sentence, checked, broken }]),
  )
}

const collectFacts = async (
  snapshot: AuditSnapshot,
  { rushId, reported, signal }: Pick<ProveOptions, 'rushId' | 'reported' | 'signal'>,
) => {
  const subjectIds = new Set(reported.map(({ subjectId }) => subjectId))
  const found: RushData = { products: new Map(), coupons: new Map(), balances: 0, entries: 0 }
  const { now } = snapshot
  const results = [
    await checkAll(signal, 'wallet', snapshot.wallets(), now, ({ wallet, entrySum }) => {
      if (!isBuyerOf(rushId, wallet.userId)) return
      found.balances += wallet.balance
      found.entries += entrySum
    }),
    await checkAll(signal, 'product', snapshot.products(), now, (facts) => {
      if (subjectIds.has(facts.product.productId)) found.products.set(facts.product.productId, facts)
    }),
    await checkAll(signal, 'coupon', snapshot.coupons(), now, ({ coupon, issuedCount }) => {
      const { couponId, issued } = coupon
      if (subjectIds.has(couponId)) found.coupons.set(couponId, { issued, copies: issuedCount, owners: new Set() })
    }),
    await checkAll(signal, 'issuedCoupon', snapshot.issuedCoupons(), now, ({ issued }) => {
      found.coupons.get(issued.couponId)?.owners.add(issued.userId)
    }),
    await checkAll(signal, 'order', snapshot.orders(), now),
    await checkAll(signal, 'purchase', snapshot.purchases(), now),
    await checkAll(signal, 'reference', snapshot.references(), now),
    await checkAll(signal, 'historyLoss', snapshot.historyLosses(), now),
    await checkAll(signal, 'orphans', await snapshot.orphans(), now),
  ]
  const byLaw = new Map(results.flatMap((result) => [...result]))
  return { found, laws: laws.flatMap(({ id }) => byLaw.get(id) ?? []) }
}

/** Whether the numbers agree: a buyer with an unknown result may or may not have got an item. */
const isExplained = (actual: number, { won, unavailable }: ReportedRun): boolean =>
  actual >= won && actual <= won + unavailable

/** Of several servers: what they told buyers adds up to what the store holds. */
const ofServers = (run: ReportedRun, given: number): readonly RushProof[] => {
  const [first = 0, second] = run.wonByServer
  if (second === undefined) return []
  const holds = isExplained(given, { ...run, won: first + second })
  return [{ proof: 'servers-add-up', mode: run.mode, holds, numbers: { first, second, given } }]
}

const ofStock = (plan: RushPlan, reported: ReportedRun, facts: ProductFacts): readonly RushProof[] => {
  const { mode } = reported
  const { received, stock, held } = facts.product
  const sold = facts.paidSum
  const expected = Math.min(plan.quantity, plan.buyers)
  const isComplete = sold === expected || reported.unavailable > 0
  return [
    {
      proof: 'nothing-oversold',
      mode,
      holds: sold <= plan.quantity && isComplete && isExplained(sold, reported),
      numbers: { quantity: plan.quantity, given: sold, told: reported.won },
    },
    ...ofServers(reported, sold),
    {
      proof: 'stock-conserved',
      mode,
      holds: received === stock + sold,
      numbers: { received, left: stock, given: sold },
    },
    {
      proof: 'nothing-held',
      mode,
      holds: held === facts.holdSum && (held === 0 || reported.unavailable > 0),
      numbers: { held },
    },
  ]
}

const ofCoupons = (
  plan: RushPlan,
  reported: ReportedRun,
  { issued, copies, owners }: { issued: number; copies: number; owners: ReadonlySet<string> },
): readonly RushProof[] => {
  const { mode } = reported
  const expected = Math.min(plan.quantity, plan.buyers)
  const isComplete = copies === expected || reported.unavailable > 0
  return [
    {
      proof: 'nothing-oversold',
      mode,
      holds: issued <= plan.quantity && issued === copies && isComplete && isExplained(copies, reported),
      numbers: { quantity: plan.quantity, given: issued, told: reported.won },
    },
    ...ofServers(reported, copies),
    { proof: 'one-each', mode, holds: owners.size === copies, numbers: { given: copies, owners: owners.size } },
  ]
}

export interface ProveOptions {
  readonly rushId: string
  readonly plan: RushPlan
  readonly reported: readonly ReportedRun[]
  /** `charged`: the total initial balance of all buyers. */
  readonly charged: number
  readonly price: number
  /** Aborts the check with the signal's reason. */
  readonly signal: AbortSignal
}

/** Proves the sums of a rush and checks every law of the shop, all on one snapshot of the live data. */
export const prove = async (store: Pick<Store, 'audit'>, options: ProveOptions): Promise<RushProofs> => {
  const { plan, reported, charged, price } = options
  const snapshot = await store.audit()
  try {
    const collected = await collectFacts(snapshot, options)
    const { products, coupons, balances, entries } = collected.found
    const ofRuns = reported.flatMap((run) => {
      const product = products.get(run.subjectId)
      const coupon = coupons.get(run.subjectId)
      return product ? ofStock(plan, run, product) : coupon ? ofCoupons(plan, run, coupon) : []
    })
    const sold = new Map(
      reported.flatMap(({ mode, subjectId }) => {
        const count = products.get(subjectId)?.paidSum ?? coupons.get(subjectId)?.copies
        return count === undefined ? [] : [[mode, count] as const]
      }),
    )
    if (plan.kind === 'coupons') return { sold, proofs: ofRuns, laws: collected.laws }
    const paid = price * [...products.values()].reduce((sum, { paidSum }) => sum + paidSum, 0)
    const money: RushProof = {
      proof: 'money-conserved',
      mode: null,
      holds: balances + paid === charged && balances === entries,
      numbers: { charged, balances, paid },
    }
    return { sold, proofs: [...ofRuns, money], laws: collected.laws }
  } finally {
    await snapshot.close()
  }
}
