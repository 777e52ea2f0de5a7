export type { AuditReport, Violation } from './audit/audit.js'
export { auditStore, maxViolations } from './audit/audit.js'
export type { AnyLaw, Finding, Law, LawSubjects } from './audit/laws.js'
export { laws, sweepDeadlineMs } from './audit/laws.js'
export type {
  AuditSnapshot,
  CouponFacts,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  WalletFacts,
} from './audit/snapshot.js'
export type { ChangeStock } from './catalog/change-stock.js'
export { changeStock } from './catalog/change-stock.js'
export type { CreateProduct } from './catalog/create-product.js'
export { createProduct } from './catalog/create-product.js'
export type { AdminProductView, Hold, Product, ProductReading, ProductView } from './catalog/product.js'
export { available, foldName, withoutOverdue } from './catalog/product.js'
export type { UpdateProduct } from './catalog/update-product.js'
export { updateProduct } from './catalog/update-product.js'
export type { Facts } from './command/facts.js'
export type { FencedInput } from './command/fence.js'
export type { Accepted, Change, Context, Decision, Refused, Seen, Verb } from './command/verb.js'
export { accept, put, refuse, removeHold, sold, verb } from './command/verb.js'
export { WorkingSet } from './command/working-set.js'
export type {
  ClaimableCouponView,
  Coupon,
  CouponTerms,
  CouponView,
  IssuedCoupon,
  IssuedCouponView,
  OwnedCouponView,
} from './coupon/coupon.js'
export { couponValidity, isInUse, redemption, remaining } from './coupon/coupon.js'
export type { CreateCoupon } from './coupon/create-coupon.js'
export { createCoupon } from './coupon/create-coupon.js'
export type { Discount } from './coupon/discount.js'
export { discountAmount } from './coupon/discount.js'
export type { IssueCoupon } from './coupon/issue-coupon.js'
export { issueCoupon } from './coupon/issue-coupon.js'
export type { UpdateCoupon } from './coupon/update-coupon.js'
export { updateCoupon } from './coupon/update-coupon.js'
export type { ExecutorLimits, ExecutorObserver, ExecutorOptions } from './executor/executor.js'
export { defaultLimits, Executor } from './executor/executor.js'
export type { Command, IdempotencyKey, Outcome } from './executor/outcome.js'
export { inProcessLocks } from './locks/in-process-locks.js'
export type { Held, Lease, LockOptions, Locks } from './locks/locks.js'
export type { CancelOrder } from './order/cancel-order.js'
export { cancelOrder } from './order/cancel-order.js'
export type { Demand } from './order/demand.js'
export { shortLines, sumDemand } from './order/demand.js'
export type { ExpireOrder } from './order/expire-order.js'
export { expireOrder } from './order/expire-order.js'
export type { Order, OrderLine, OrderOutline, OrderStatus, OrderView } from './order/order.js'
export { isOverdue, orderStatuses, orderTransitions, outlineOf, statusAt } from './order/order.js'
export type { PlaceOrder } from './order/place-order.js'
export { placeOrder } from './order/place-order.js'
export type { EventData, EventStatus, EventType, EventView, OutboxEvent } from './outbox/event.js'
export { eventStatuses, minSentRetentionMs } from './outbox/event.js'
export type { RedeliverEvent } from './outbox/redeliver-event.js'
export { redeliverEvent } from './outbox/redeliver-event.js'
export type { RelayDeps, RelayOptions } from './outbox/relay.js'
export { backOffMs, defaultRelayOptions, relayOnce } from './outbox/relay.js'
export type { EventSender, Sent } from './outbox/sender.js'
export type { PayOrder } from './payment/pay-order.js'
export { payOrder } from './payment/pay-order.js'
export type { Payment, PaymentView } from './payment/payment.js'
export type { RefundOrder } from './payment/refund-order.js'
export { refundOrder } from './payment/refund-order.js'
export type { Policies, PolicyOverrides, TieBreaker } from './policies/policies.js'
export type { PresetName } from './policies/presets.js'
export { isPresetName, presetNames, presets } from './policies/presets.js'
export type { PolicyIssue } from './policies/resolve-policies.js'
export { isPolicyError, PolicyError, resolvePolicies } from './policies/resolve-policies.js'
export type {
  Rankable,
  RankedProduct,
  Ranking,
  RankingView,
  RankingWindow,
  SalesCandidate,
  SalesChange,
} from './ranking/ranking.js'
export { rankingWindow, rankProducts } from './ranking/ranking.js'
export type { RefreshRanking } from './ranking/refresh-ranking.js'
export { refreshRanking } from './ranking/refresh-ranking.js'
export type { Page, ShopReads } from './reads.js'
export type { Day } from './shared/calendar.js'
export { addDays, dayOf } from './shared/calendar.js'
export { canonicalJson } from './shared/canonical-json.js'
export { namePattern, nameProblem } from './shared/check.js'
export type { NewId } from './shared/id.js'
export { idPattern, idRule, isId, timeOrderedIds } from './shared/id.js'
export type { Clock, Instant } from './shared/instant.js'
export { iso, systemClock } from './shared/instant.js'
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
export { systemTimer, type Timer } from './shared/timer.js'
export type { Shop, ShopOptions, ShopUpkeep } from './shop.js'
export { createShop } from './shop.js'
export type { IssuedCouponKey, KeyName, Keys, OutcomeKey, SalesKey } from './store/keys.js'
export { keyText, lockOrder, mergeKeys, noKeys } from './store/keys.js'
export { readTogether } from './store/read-together.js'
export type { Dated, ListQuery, Position, Reads } from './store/reads.js'
export type { Changes, Fence, Loaded, Rows, StoredOutcome, TableChanges, TableName } from './store/rows.js'
export type {
  Claimed,
  OutboxStore,
  Retention,
  Settlement,
  Store,
  StoreSupports,
  Transactor,
  Upkeep,
} from './store/store.js'
export type { StoreErrorKind } from './store/store-error.js'
export { isShopUnavailable, isStoreError, ShopUnavailable, StoreError } from './store/store-error.js'
export type { CallOptions, Calls, OutcomeCalls } from './verbs.js'
export type { ChargeBalance, ChargeView } from './wallet/charge-balance.js'
export { chargeBalance, chargeLimit } from './wallet/charge-balance.js'
export type { RegisterUser } from './wallet/register-user.js'
export { registerUser } from './wallet/register-user.js'
export type { BalanceView, EntryKind, EntryView, Wallet, WalletEntry } from './wallet/wallet.js'
