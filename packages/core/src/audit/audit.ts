import type { Cure } from '../model/repair.js'
import { iso } from '../shared/instant.js'
import type { AuditSnapshot } from '../store/audit-snapshot.js'
import type { Store } from '../store/store.js'
import { curesOf } from './cures.js'
import type { Law, LawSubjects } from './law.js'
import { laws } from './laws.js'

/** A law that the data breaks. */
export interface Violation {
  /** The law's id, for example `STOCK-HELD`. */
  readonly law: string
  /** The kind of thing and its id, for example `product mug`. */
  readonly subject: string
  /** What the law asks for. */
  readonly expected: unknown
  /** The actual value in the data. */
  readonly actual: unknown
}

/** What an audit found. */
export interface AuditReport {
  /** True if the data breaks no law. */
  readonly ok: boolean
  /** The time of the snapshot that was checked: ISO 8601 in UTC. */
  readonly checkedAt: string
  /** At most `maxViolations`. */
  readonly violations: readonly Violation[]
  /** How much was checked. */
  readonly checked: CheckedCounts
}

/** The numbers of rows that an audit has checked. */
export interface CheckedCounts {
  /** Wallets. */
  readonly wallets: number
  /** Entries of these wallets. */
  readonly entries: number
  /** Products, listed or not. */
  readonly products: number
  /** Coupons. */
  readonly coupons: number
  /** Users' copies of coupons. */
  readonly issuedCoupons: number
  /** Orders of any status. */
  readonly orders: number
}

/** The largest number of violations that an audit reports. */
export const maxViolations = 100

const subjectOf: { [S in keyof LawSubjects]: (facts: LawSubjects[S]) => string } = {
  wallet: ({ wallet }) => `wallet ${wallet.userId}`,
  product: ({ product }) => `product ${product.productId}`,
  coupon: ({ coupon }) => `coupon ${coupon.couponId}`,
  issuedCoupon: ({ issued }) => `coupon ${issued.couponId} of ${issued.userId}`,
  order: ({ order }) => `order ${order.orderId}`,
  purchase: ({ userId, productId }) => `purchases of ${productId} by ${userId}`,
  reference: ({ key: { kind, owner, reference } }) => `reference ${[kind, owner, reference].filter(Boolean).join(' ')}`,
  historyLoss: ({ lossId }) => `loss ${lossId}`,
  orphans: ({ table }) => table,
}

const factsOf: { [S in keyof LawSubjects]: (snapshot: AuditSnapshot) => AsyncIterable<LawSubjects[S]> } = {
  wallet: (snapshot) => snapshot.wallets(),
  product: (snapshot) => snapshot.products(),
  coupon: (snapshot) => snapshot.coupons(),
  issuedCoupon: (snapshot) => snapshot.issuedCoupons(),
  order: (snapshot) => snapshot.orders(),
  purchase: (snapshot) => snapshot.purchases(),
  reference: (snapshot) => snapshot.references(),
  historyLoss: (snapshot) => snapshot.historyLosses(),
  orphans: async function* (snapshot) {
    yield* await snapshot.orphans()
  },
}

const subjects = Object.keys(factsOf) as (keyof LawSubjects)[]

/** Learns the subjects of an audit, one by one. */
type Learn = <S extends keyof LawSubjects>(subject: S, facts: LawSubjects[S]) => void

const ignore: Learn = () => undefined

/** Counts the subjects of an audit. */
const counting = () => {
  const seen = new Map<keyof LawSubjects, number>()
  let entries = 0
  const learn: Learn = (subject, facts) => {
    seen.set(subject, (seen.get(subject) ?? 0) + 1)
    if (subject === 'wallet') entries += (facts as LawSubjects['wallet']).entryCount
  }
  const count = (subject: keyof LawSubjects) => seen.get(subject) ?? 0
  return {
    learn,
    counts: (): CheckedCounts => ({
      wallets: count('wallet'),
      entries,
      products: count('product'),
      coupons: count('coupon'),
      issuedCoupons: count('issuedCoupon'),
      orders: count('order'),
    }),
  }
}

/** A violation, and its safe cures. */
export interface FoundViolation {
  readonly violation: Violation
  readonly cures: readonly Cure[]
}

async function* violationsOf<S extends keyof LawSubjects>(
  snapshot: AuditSnapshot,
  subject: S,
  learn: Learn,
): AsyncGenerator<FoundViolation> {
  const { now } = snapshot
  const own = laws.filter((law) => law.subject === subject) as unknown as readonly Law<S>[]
  for await (const facts of factsOf[subject](snapshot)) {
    learn(subject, facts)
    for (const { id: law, check } of own) {
      const finding = check(facts, now)
      if (!finding) continue
      yield {
        violation: { law, subject: subjectOf[subject](facts), ...finding },
        cures: curesOf(subject, { law, facts, now }),
      }
    }
  }
}

/** Every violation in a snapshot. `learn` is called with every subject. */
export async function* allViolations(snapshot: AuditSnapshot, learn: Learn = ignore): AsyncGenerator<FoundViolation> {
  for (const subject of subjects) yield* violationsOf(snapshot, subject, learn)
}

/** Checks every law on one consistent snapshot of the live data. */
export const auditStore = async (store: Pick<Store, 'audit'>): Promise<AuditReport> => {
  const snapshot = await store.audit()
  try {
    const violations: Violation[] = []
    const { learn, counts } = counting()
    for await (const { violation } of allViolations(snapshot, learn)) {
      if (violations.length < maxViolations) violations.push(violation)
    }
    return { ok: violations.length === 0, checkedAt: iso(snapshot.now), violations, checked: counts() }
  } finally {
    await snapshot.close()
  }
}
