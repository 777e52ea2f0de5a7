export { auditStore } from './audit/audit.js'
export type { AnyLaw, Finding, Law, LawSubjects } from './audit/law.js'
export { laws } from './audit/laws.js'
export { coalesce } from './engine/coalesce.js'
export { type GrantedLease, type KeptLease, keepLease, toLeaseMs } from './locks/keep-lease.js'
export type { Held, Lease, LockOptions, Locks } from './locks/locks.js'
export { retryUntilGranted } from './locks/retry-until-granted.js'
export type { Coupon, CouponTerms, IssuedCoupon } from './model/coupon.js'
export { couponValidity, foldCode, isClaimable, isInUse, remaining } from './model/coupon.js'
export type { OutboxEvent } from './model/event.js'
export type { HistoryLoss } from './model/history-loss.js'
export type { Lot, LotTerms, MoneySource } from './model/lot.js'
export { hasEnded, sumOf } from './model/lot.js'
export type { Metadata } from './model/metadata.js'
export type { Order, OrderOutline, Refund, RefundLine } from './model/order.js'
export { boughtUnits, isOpen, isOverdue, outlineOf, refundsOf, statusAt } from './model/order.js'
export type { Payment } from './model/payment.js'
export type { Hold, Product, ProductReading, Sale } from './model/product.js'
export { available, foldName, isDrop } from './model/product.js'
export type { Rankable, Ranking, RankingWindow, SalesCandidate, SalesChange } from './model/ranking.js'
export { rankingWindow, rankProducts } from './model/ranking.js'
export type {
  EntryReferenceKey,
  ReferenceKey,
  StoredReference,
  StoredReferenceKey,
} from './model/reference.js'
export { everythingLeft } from './model/refund.js'
export type { Repair } from './model/repair.js'
export { netAmounts } from './model/share.js'
export type { EntryKind, Wallet, WalletEntry } from './model/wallet.js'
export { entryKinds } from './model/wallet.js'
export type { Day } from './shared/calendar.js'
export { addDays, dayOf } from './shared/calendar.js'
export { canonicalJson } from './shared/canonical-json.js'
export type { Clock, Instant } from './shared/instant.js'
export { hasPassed, systemClock } from './shared/instant.js'
export { singleFlight } from './shared/single-flight.js'
export type { Timer } from './shared/timer.js'
export { systemTimer } from './shared/timer.js'
export type {
  AuditSnapshot,
  CouponFacts,
  IssuedCouponFacts,
  Movements,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  PurchasedLine,
  PurchaseFacts,
  ReferenceFacts,
  TimeRange,
  WalletFacts,
} from './store/audit-snapshot.js'
export { keyText, mergeKeys, noKeys } from './store/key-lists.js'
export type {
  IssuedCouponKey,
  KeyName,
  Keys,
  LockKeys,
  LockName,
  OutcomeKey,
  ReadKeys,
  ReadName,
  SalesKey,
  SomeKeys,
} from './store/keys.js'
export type { Dated, ListFreshness, ListQuery, Position, Reads } from './store/reads.js'
export type {
  Changes,
  CompanionRow,
  CompanionRows,
  CouponCode,
  Fence,
  Loaded,
  OpenOrders,
  Purchase,
  Rows,
  StoredOutcome,
  TableChanges,
  TableName,
} from './store/rows.js'
export type { RowKey, Schema, TableAccess, TableSchema } from './store/schema.js'
export {
  isAppendOnly,
  isUnchanged,
  lockOrder,
  nothingChanged,
  nothingLoaded,
  rowKey,
  schema,
  tableNames,
} from './store/schema.js'
export type {
  Claimed,
  DeliveryResult,
  HistoryStore,
  MissingGroups,
  OutboxStore,
  Retention,
  StaleList,
  StaleLists,
  Store,
  StoreSupports,
  TransactionOpener,
  Transactor,
  Upkeep,
} from './store/store.js'
export type { FailedCompanion, StoreErrorKind } from './store/store-error.js'
export { isStoreError, StoreError } from './store/store-error.js'
