export { changeStock } from './commands/catalog/change-stock.js'
export { createProduct } from './commands/catalog/create-product.js'
export { updateProduct } from './commands/catalog/update-product.js'
export { createCoupon } from './commands/coupon/create-coupon.js'
export type { ImportIssuedCoupon } from './commands/coupon/import-issued-coupon.js'
export { importIssuedCoupon } from './commands/coupon/import-issued-coupon.js'
export { issueCoupon } from './commands/coupon/issue-coupon.js'
export { updateCoupon } from './commands/coupon/update-coupon.js'
export { acknowledgeLoss } from './commands/history/acknowledge-loss.js'
export type { RecordLostHistory } from './commands/history/record-lost-history.js'
export { recordLostHistory } from './commands/history/record-lost-history.js'
export { cancelOrder } from './commands/order/cancel-order.js'
export { expireOrder } from './commands/order/expire-order.js'
export { placeOrder } from './commands/order/place-order.js'
export { quoteOrder } from './commands/order/quote-order.js'
export { updateOrder } from './commands/order/update-order.js'
export { redeliverEvent } from './commands/outbox/redeliver-event.js'
export { payOrder } from './commands/payment/pay-order.js'
export { refundOrder } from './commands/payment/refund-order.js'
export type { RefreshRanking } from './commands/ranking/refresh-ranking.js'
export { refreshRanking } from './commands/ranking/refresh-ranking.js'
export { sumDemand } from './commands/stock.js'
export { adjustBalance } from './commands/wallet/adjust-balance.js'
export { chargeBalance } from './commands/wallet/charge-balance.js'
export { expireLots } from './commands/wallet/expire-lots.js'
export { grantBonus } from './commands/wallet/grant-bonus.js'
export type { ImportedUserView, ImportUser } from './commands/wallet/import-user.js'
export { importUser } from './commands/wallet/import-user.js'
export { registerUser } from './commands/wallet/register-user.js'
export { withdrawBalance } from './commands/wallet/withdraw-balance.js'
export type {
  Accepted,
  AnyCommand,
  Change,
  Command,
  Context,
  Decision,
  Outlines,
  Prefetch,
  Refused,
} from './engine/command.js'
export { accept, adjustDailySales, defineCommand, put, refuse, removeHold } from './engine/command.js'
export type { Facts } from './engine/facts.js'
export type { Guard, GuardContext, GuardRule } from './engine/guard.js'
export { guard, rulesFor } from './engine/guard.js'
export type { CommandCall } from './engine/outcome.js'
export type { Coupon, CouponTerms, IssuedCoupon } from './model/coupon.js'
export { couponCode, couponCodePattern } from './model/coupon.js'
export type { HistoryLoss } from './model/history-loss.js'
export type { Lot, LotTerms, MoneySource } from './model/lot.js'
export { metadata } from './model/metadata.js'
export type { Order, OrderOutline, Refund } from './model/order.js'
export type { Payment } from './model/payment.js'
export type { Hold, Product, Sale } from './model/product.js'
export { available, isOnSale, priceAt } from './model/product.js'
export type { Ranking, RankingWindow, SalesCandidate, SalesChange } from './model/ranking.js'
export type { EntryReferenceKey, Referenced, ReferenceKey } from './model/reference.js'
export { reference, referencePattern } from './model/reference.js'
export type { Wallet, WalletEntry } from './model/wallet.js'
export { addEntry, paidMoney } from './model/wallet.js'
export { requiresRegistration } from './policies/policies.js'
export type { Check } from './shared/check.js'
export {
  boolean,
  checkFields,
  id,
  idempotencyKeyPattern,
  idempotencyKeyRule,
  integer,
  namePattern,
  nameProblem,
  optional,
  text,
  time,
} from './shared/check.js'
export { idPattern, idRule } from './shared/id.js'
export { hasPassed, instantOf, iso } from './shared/instant.js'
export type { CallContext } from './shared/json.js'
export { jsonObject } from './shared/json.js'
export {
  defaultListLimit,
  defaultProductPageSize,
  maxBalanceLimit,
  maxCouponProducts,
  maxInstant,
  maxKeywordLength,
  maxLineQuantity,
  maxListLimit,
  maxMoney,
  maxNameLength,
  maxOrderLines,
  maxPrice,
  maxReasonLength,
  maxUnits,
} from './shared/limits.js'
export { mergeKeys } from './store/key-lists.js'
export type { CommandKeys, IssuedCouponKey, LockKeys, ReadKeys, SalesKey, SomeKeys } from './store/keys.js'
export type { Rows, TableName } from './store/rows.js'
