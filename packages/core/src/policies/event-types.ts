/** Something that happened to an order. */
export type OrderEventType =
  | 'order.placed'
  | 'order.paid'
  | 'order.failed'
  | 'order.cancelled'
  | 'order.expired'
  | 'order.partially-refunded'
  | 'order.refunded'

/** Something that happened to a user's balance. Payments and refunds are events of their order. */
export type WalletEventType =
  | 'wallet.charged'
  | 'wallet.granted'
  | 'wallet.withdrawn'
  | 'wallet.adjusted'
  | 'wallet.expired'

/** Something that happened to a coupon. */
export type CouponEventType = 'coupon.issued'

/** Something that happened to what buyers see of a product, except its stock. */
export type ProductEventType = 'product.changed'

/** Something that happened to the units of a product that can be ordered. */
export type StockEventType = 'stock.changed' | 'stock.sold-out' | 'stock.back'

/** The shop lost something that it had acknowledged. */
export type HistoryEventType = 'history.lost'

/** What happened. */
export type EventType =
  | OrderEventType
  | WalletEventType
  | CouponEventType
  | ProductEventType
  | StockEventType
  | HistoryEventType

/** What an event is about. */
export type EventSubject = 'order' | 'user' | 'coupon' | 'product' | 'history'

/** Every {@link OrderEventType}, in the order in which an order can have them. */
export const orderEventTypes: readonly OrderEventType[] = [
  'order.placed',
  'order.paid',
  'order.failed',
  'order.cancelled',
  'order.expired',
  'order.partially-refunded',
  'order.refunded',
]

/** Every {@link EventType} that policy `events` can name. `history.lost` is not among them: it is always written. */
export const eventTypes: readonly EventType[] = [
  ...orderEventTypes,
  'wallet.charged',
  'wallet.granted',
  'wallet.withdrawn',
  'wallet.adjusted',
  'wallet.expired',
  'coupon.issued',
  'product.changed',
  'stock.changed',
  'stock.sold-out',
  'stock.back',
]

/** The types that are written where no policy says otherwise: what ends the wait for an order, and its refunds. */
export const defaultEventTypes: readonly EventType[] = orderEventTypes.filter((type) => type !== 'order.placed')

/** Whether an event of this type is about an order. */
export const isOfOrder = (type: EventType): type is OrderEventType => type.startsWith('order.')
