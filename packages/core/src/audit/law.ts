import type { HistoryLoss } from '../model/history-loss.js'
import type { Instant } from '../shared/instant.js'
import type {
  CouponFacts,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  PurchaseFacts,
  ReferenceFacts,
  WalletFacts,
} from '../store/audit-snapshot.js'

/** The facts that a law checks, by subject. */
export interface LawSubjects {
  /** A wallet beside its entries. */
  wallet: WalletFacts
  /** A product beside its holds, orders and daily sums. */
  product: ProductFacts
  /** A coupon beside its issued copies. */
  coupon: CouponFacts
  /** A user's coupon beside the orders that use it. */
  issuedCoupon: IssuedCouponFacts
  /** An order beside its entries, holds and events. */
  order: OrderFacts
  /** A user's orders of a product with a purchase limit. */
  purchase: PurchaseFacts
  /** A reference beside what carries it. */
  reference: ReferenceFacts
  /** A loss of history. */
  historyLoss: HistoryLoss
  /** Rows whose parent is missing. */
  orphans: OrphanFacts
}

/** How the data breaks a law. */
export interface Finding {
  /** What the law asks for. */
  readonly expected: unknown
  /** The actual value in the data. */
  readonly actual: unknown
}

/**
 * Something that is true of every committed state (`always`), or becomes true in time (`eventually`).
 * A law of the second kind is broken only after its deadline.
 */
export interface Law<Subject extends keyof LawSubjects> {
  /** Stable, in capitals: `WALLET-LEDGER`. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** Whether it holds in every committed state, or only once its deadline has passed. */
  readonly kind: 'always' | 'eventually'
  /** The subject of the law. */
  readonly subject: Subject
  /** How these facts break the law at `now`, or nothing. */
  check(facts: LawSubjects[Subject], now: Instant): Finding | undefined
}

/** A law of any subject; `subject` names the facts that its check receives. */
export type AnyLaw = { [S in keyof LawSubjects]: Law<S> }[keyof LawSubjects]

/** Finds a difference. */
export const equal = (actual: unknown, expected: unknown): Finding | undefined =>
  JSON.stringify(actual) === JSON.stringify(expected) ? undefined : { expected, actual }

/** Finds a condition that does not hold. */
export const holds = (condition: boolean, expected: string, actual: unknown): Finding | undefined =>
  condition ? undefined : { expected, actual }
