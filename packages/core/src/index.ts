export type { AuditReport, CheckedCounts, Violation } from './audit/audit.js'
export type { ChangeStock } from './commands/catalog/change-stock.js'
export type { CreateProduct } from './commands/catalog/create-product.js'
export type { SaleInput, SellingTerms } from './commands/catalog/selling-terms.js'
export type { UpdateProduct } from './commands/catalog/update-product.js'
export type { CreateCoupon } from './commands/coupon/create-coupon.js'
export type { IssueCoupon } from './commands/coupon/issue-coupon.js'
export type { UpdateCoupon } from './commands/coupon/update-coupon.js'
export type { AcknowledgeLoss } from './commands/history/acknowledge-loss.js'
export type { CancelOrder } from './commands/order/cancel-order.js'
export type { ExpireOrder } from './commands/order/expire-order.js'
export type { PlaceOrder } from './commands/order/place-order.js'
export type { QuotedCoupon, QuoteView } from './commands/order/quote-order.js'
export type { UpdateOrder } from './commands/order/update-order.js'
export type { RedeliverEvent } from './commands/outbox/redeliver-event.js'
export type { PayOrder } from './commands/payment/pay-order.js'
export type { RefundOrder } from './commands/payment/refund-order.js'
export type { Demand } from './commands/stock.js'
export type { AdjustBalance } from './commands/wallet/adjust-balance.js'
export type { ChargeBalance } from './commands/wallet/charge-balance.js'
export type { GrantBonus } from './commands/wallet/grant-bonus.js'
export type { RegisterUser } from './commands/wallet/register-user.js'
export type { WithdrawBalance } from './commands/wallet/withdraw-balance.js'
export type { Companions } from './engine/companions.js'
export type { ExecutorLimits } from './engine/executor.js'
export type { FencedInput } from './engine/fence.js'
export type { Guard, GuardContext, GuardRule } from './engine/guard.js'
export type { CommandMiddleware, RunCommand } from './engine/middleware.js'
export type { ExecutorObserver } from './engine/observer.js'
export type { IdempotencyKey, Outcome } from './engine/outcome.js'
export { inProcessLocks } from './locks/in-process-locks.js'
export type { Held, Lease, LockOptions, Locks } from './locks/locks.js'
export type { ClaimableCouponView, CouponView, IssuedCouponView, OwnedCouponView } from './model/coupon.js'
export type { Discount, FixedDiscount, PercentageDiscount } from './model/discount.js'
export type {
  CouponEventType,
  EventData,
  EventDataOf,
  EventFacts,
  EventStatus,
  EventSubject,
  EventType,
  EventView,
  HistoryEventType,
  OrderEventType,
  OutboxEvent,
  ProductEventType,
  Sequenced,
  StockEventType,
  StockView,
  WalletEventType,
} from './model/event.js'
export { eventStatuses } from './model/event.js'
export type { HistoryLossView, HistoryLostView } from './model/history-loss.js'
export type { Metadata } from './model/metadata.js'
export type { OrderLine, OrderStatus, RefundLine } from './model/order.js'
export { orderStatuses } from './model/order.js'
export type { OrderLineView, OrderView, RefundView } from './model/order-view.js'
export type { PaymentView } from './model/payment.js'
export type { AdminProductView, ProductView, SaleView } from './model/product.js'
export type { RankedProductView, RankingView } from './model/ranking.js'
export type { RefundDemand } from './model/refund.js'
export { previewRefund } from './model/refund.js'
export type { ProductMovement } from './model/statement.js'
export type {
  BalanceChangeView,
  BalanceView,
  EntryKind,
  EntryView,
  GrantView,
  LotView,
  UserEntryView,
} from './model/wallet.js'
export { entryKinds } from './model/wallet.js'
export type { EventSender, RelayDeps, RelayOptions, Sent } from './outbox/relay.js'
export { defaultRelayOptions, relayOnce } from './outbox/relay.js'
export { defaultEventTypes, eventTypes } from './policies/event-types.js'
export type { Policies, PolicyOverrides, TieBreaker } from './policies/policies.js'
export { requiresRegistration } from './policies/policies.js'
export type { PresetName } from './policies/presets.js'
export { presetNames, presets } from './policies/presets.js'
export type { PolicyIssue } from './policies/resolve-policies.js'
export { isPolicyError, PolicyError, resolvePolicies } from './policies/resolve-policies.js'
export type { Day } from './shared/calendar.js'
export { isCurrency } from './shared/currency.js'
export * from './shared/custom-refusals.js'
export type { NewId } from './shared/id.js'
export { isId, timeOrderedIds } from './shared/id.js'
export type { Instant, TimeInput } from './shared/instant.js'
export type { CallContext } from './shared/json.js'
export type {
  BuiltInRefusal,
  ClosedProduct,
  CustomRefusal,
  ExcessiveLine,
  InvalidField,
  LimitedLine,
  Refusal,
  RefusalCode,
  ShortLine,
} from './shared/refusal.js'
export { isShopRefusal, ShopRefusal } from './shared/refusal.js'
export type { Timer } from './shared/timer.js'
export type { Balance, BalanceWithin, GetBalance, GetBalanceHistory, ListEntries } from './shop/balance.js'
export type { CallOptions, QuoteOptions } from './shop/calls.js'
export type { Coupons, CouponsWithin, GetCoupon, ListCouponsOfUser } from './shop/coupons.js'
export type { ShopOptions } from './shop/create-shop.js'
export { createShop } from './shop/create-shop.js'
export type { HistoryWithin, ListLosses, ShopHistory } from './shop/history.js'
export type { BadLine, ImportOptions, ImportProgress, ImportReport } from './shop/import/import.js'
export type { ImportLine, ImportLines } from './shop/import/read-lines.js'
export type { GetOrder, ListOrders, Orders, OrdersWithin } from './shop/orders.js'
export type { EventCounts, ListEvents, Outbox, OutboxWithin } from './shop/outbox.js'
export type { Page, PageQuery } from './shop/page.js'
export type { GetPayment, Payments, PaymentsWithin } from './shop/payments.js'
export type {
  AdminProductPage,
  GetProduct,
  ListProductStates,
  ListProducts,
  ListTopProducts,
  ProductPage,
  Products,
  ProductsAt,
  ProductsWithin,
} from './shop/products.js'
export type { RepairOptions, RepairReport, RepairView } from './shop/repair.js'
export type { OpenedBy, Shop, ShopWithin, TransactionOptions } from './shop/shop.js'
export type { Statement, StatementQuery } from './shop/statement.js'
export type { ExpireEndedLots, ExpireOrders, RefreshRankingOptions, ShopUpkeep } from './shop/upkeep.js'
export type { Users, UsersWithin } from './shop/users.js'
export type { HistoryChange, HistoryWatch, HistoryWatchOptions, LostHistory } from './shop/watch-history.js'
export type { Position } from './store/reads.js'
export type { CompanionRow } from './store/rows.js'
export type { HistoryStore, MissingGroups, OutboxStore, Retention, Store } from './store/store.js'
export { isShopUnavailable, isStoreError, ShopUnavailable, type StoreError } from './store/store-error.js'
