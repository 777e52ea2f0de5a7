export type { AuditReport, Violation } from './audit/audit.js'
export { auditStore, maxViolations } from './audit/audit.js'
export type { AnyLaw, Finding, Law, LawSubjects } from './audit/laws.js'
export { laws, sweepDeadlineMs } from './audit/laws.js'
export type { ChangeStock } from './commands/catalog/change-stock.js'
export { changeStock } from './commands/catalog/change-stock.js'
export type { CreateProduct } from './commands/catalog/create-product.js'
export { createProduct } from './commands/catalog/create-product.js'
export type { UpdateProduct } from './commands/catalog/update-product.js'
export { updateProduct } from './commands/catalog/update-product.js'
export type { CreateCoupon } from './commands/coupon/create-coupon.js'
export { createCoupon } from './commands/coupon/create-coupon.js'
export type { IssueCoupon } from './commands/coupon/issue-coupon.js'
export { issueCoupon } from './commands/coupon/issue-coupon.js'
export type { UpdateCoupon } from './commands/coupon/update-coupon.js'
export { updateCoupon } from './commands/coupon/update-coupon.js'
export type { CancelOrder } from './commands/order/cancel-order.js'
export { cancelOrder } from './commands/order/cancel-order.js'
export type { ExpireOrder } from './commands/order/expire-order.js'
export { expireOrder } from './commands/order/expire-order.js'
export type { PlaceOrder } from './commands/order/place-order.js'
export { placeOrder } from './commands/order/place-order.js'
export type { RedeliverEvent } from './commands/outbox/redeliver-event.js'
export { redeliverEvent } from './commands/outbox/redeliver-event.js'
export type { PayOrder } from './commands/payment/pay-order.js'
export { payOrder } from './commands/payment/pay-order.js'
export type { RefundOrder } from './commands/payment/refund-order.js'
export { refundOrder } from './commands/payment/refund-order.js'
export type { RefreshRanking } from './commands/ranking/refresh-ranking.js'
export { refreshRanking } from './commands/ranking/refresh-ranking.js'
export type { Demand } from './commands/stock.js'
export { shortLines, sumDemand } from './commands/stock.js'
export type { ChargeBalance, ChargeView } from './commands/wallet/charge-balance.js'
export { chargeBalance, chargeLimit } from './commands/wallet/charge-balance.js'
export type { RegisterUser } from './commands/wallet/register-user.js'
export { registerUser } from './commands/wallet/register-user.js'
export { coalesce } from './engine/coalesce.js'
export type {
  Accepted,
  AnyCommand,
  Change,
  Command,
  Context,
  Decision,
  OrderOutlines,
  Refused,
} from './engine/command.js'
export { accept, adjustDailySales, defineCommand, put, refuse, removeHold } from './engine/command.js'
export type { ExecutorObserver } from './engine/commit-group.js'
export type { ExecutorLimits, ExecutorOptions } from './engine/executor.js'
export { defaultLimits, Executor } from './engine/executor.js'
export type { Facts } from './engine/facts.js'
export type { FencedInput } from './engine/fence.js'
export type { CommandMiddleware, RunCommand } from './engine/middleware.js'
export type { CommandCall, IdempotencyKey, Outcome } from './engine/outcome.js'
export { WorkingSet } from './engine/working-set.js'
export { inProcessLocks } from './locks/in-process-locks.js'
export { type GrantedLease, type KeptLease, keepLease, toLeaseMs } from './locks/keep-lease.js'
export type { Held, Lease, LockOptions, Locks } from './locks/locks.js'
export { retryUntilGranted } from './locks/retry-until-granted.js'
export type {
  ClaimableCouponView,
  Coupon,
  CouponTerms,
  CouponView,
  IssuedCoupon,
  IssuedCouponView,
  OwnedCouponView,
} from './model/coupon.js'
export { couponValidity, isClaimable, isInUse, redemption, remaining } from './model/coupon.js'
export type { Discount } from './model/discount.js'
export { discountAmount } from './model/discount.js'
export type { EventData, EventStatus, EventType, EventView, OutboxEvent } from './model/event.js'
export { eventStatuses, minSentRetentionMs } from './model/event.js'
export type { Order, OrderLine, OrderOutline, OrderStatus, OrderView } from './model/order.js'
export { isOverdue, orderStatuses, orderTransitions, outlineOf, statusAt } from './model/order.js'
export type { Payment, PaymentView } from './model/payment.js'
export type { AdminProductView, Hold, Product, ProductReading, ProductView } from './model/product.js'
export { available, foldName, withoutOverdue } from './model/product.js'
export type {
  Rankable,
  RankedProduct,
  Ranking,
  RankingView,
  RankingWindow,
  SalesCandidate,
  SalesChange,
} from './model/ranking.js'
export { rankingWindow, rankProducts } from './model/ranking.js'
export type { BalanceView, EntryKind, EntryView, Wallet, WalletEntry } from './model/wallet.js'
export type { EventSender, RelayDeps, RelayOptions, Sent } from './outbox/relay.js'
export { backoffDelay, defaultRelayOptions, relayOnce } from './outbox/relay.js'
export type { Policies, PolicyOverrides, TieBreaker } from './policies/policies.js'
export { requiresRegistration } from './policies/policies.js'
export type { PresetName } from './policies/presets.js'
export { isPresetName, presetNames, presets } from './policies/presets.js'
export type { PolicyIssue } from './policies/resolve-policies.js'
export { isPolicyError, PolicyError, resolvePolicies } from './policies/resolve-policies.js'
export type { Day } from './shared/calendar.js'
export { addDays, dayOf } from './shared/calendar.js'
export { canonicalJson } from './shared/canonical-json.js'
export type { Check } from './shared/check.js'
export {
  boolean,
  idempotencyKeyPattern,
  idempotencyKeyRule,
  integer,
  namePattern,
  nameProblem,
} from './shared/check.js'
export type { NewId } from './shared/id.js'
export { idPattern, idRule, isId, timeOrderedIds } from './shared/id.js'
export type { Clock, Instant } from './shared/instant.js'
export { hasPassed, iso, systemClock } from './shared/instant.js'
export { InvariantViolated } from './shared/invariant.js'
export {
  maxBalanceLimit,
  maxInstant,
  maxKeywordLength,
  maxLineQuantity,
  maxMoney,
  maxNameLength,
  maxOrderLines,
  maxPrice,
  maxUnits,
} from './shared/limits.js'
export type { InvalidField, Refusal, RefusalCode, ShortLine } from './shared/refusal.js'
export { isShopRefusal, ShopRefusal } from './shared/refusal.js'
export { singleFlight } from './shared/single-flight.js'
export { systemTimer, type Timer } from './shared/timer.js'
export type { CallOptions, Calls, OutcomeCalls } from './shop/calls.js'
export type { Shop, ShopOptions, ShopUpkeep } from './shop/create-shop.js'
export { createShop } from './shop/create-shop.js'
export type { Page, ShopReads } from './shop/reads.js'
export type {
  AuditSnapshot,
  CouponFacts,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  WalletFacts,
} from './store/audit-snapshot.js'
export { keyText, mergeKeys, noKeys } from './store/key-lists.js'
export type {
  CommandKeys,
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
export type { Dated, ListQuery, Position, Reads } from './store/reads.js'
export type { Changes, Fence, Loaded, Rows, StoredOutcome, TableChanges, TableName } from './store/rows.js'
export type { RowKey, Schema, TableAccess, TableSchema } from './store/schema.js'
export { isAppendOnly, lockOrder, nothingChanged, nothingLoaded, rowKey, schema, tableNames } from './store/schema.js'
export type {
  Claimed,
  DeliveryResult,
  OutboxStore,
  Retention,
  Store,
  StoreSupports,
  Transactor,
  Upkeep,
} from './store/store.js'
export type { StoreErrorKind } from './store/store-error.js'
export { isShopUnavailable, isStoreError, ShopUnavailable, StoreError } from './store/store-error.js'
