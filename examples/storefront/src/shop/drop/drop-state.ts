import type { Order, Product } from '../../state/api.js'

/** The orders of a user for one product. */
export interface OwnOrders {
  /** The order that waits for payment. */
  readonly held?: Order | undefined
  /** The newest order that is paid. */
  readonly paid?: Order | undefined
  /** The newest order, if it expired before it was paid. */
  readonly expired?: Order | undefined
  /** Units in paid orders, less refunded ones. */
  readonly bought: number
}

/** What the page shows of a drop. Instants are in milliseconds since 1970, by the server's clock. */
export type DropState =
  | { readonly kind: 'held'; readonly order: Order; readonly until: number | undefined }
  | { readonly kind: 'yours' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'open'; readonly until: number | undefined }
  | { readonly kind: 'sold-out' }
  | { readonly kind: 'closed' }

/** An instant of a product or an order. Undefined if there is none. */
export const instantOf = (iso: string | null | undefined): number | undefined =>
  iso === null || iso === undefined ? undefined : Date.parse(iso)

const unitsOf = (order: Order, productId: string): number =>
  order.lines
    .filter((line) => line.productId === productId)
    .reduce((units, { quantity, refundedQuantity = 0 }) => units + quantity - refundedQuantity, 0)

/** Picks the orders of a product from the orders of a user, newest first. */
export const ownOrders = (orders: readonly Order[], productId: string): OwnOrders => {
  const own = orders.filter(({ lines }) => lines.some((line) => line.productId === productId))
  const paid = own.filter(({ status }) => status === 'paid')
  return {
    held: own.find(({ status }) => status === 'pending'),
    paid: paid[0],
    expired: own[0]?.status === 'expired' ? own[0] : undefined,
    bought: paid.reduce((units, order) => units + unitsOf(order, productId), 0),
  }
}

type Hours = Pick<Product, 'stock' | 'opensAt' | 'closesAt' | 'purchaseLimit'>

/** What a user sees of a product now. Of two states the one that the user can act on comes first. */
export const dropState = (product: Hours, own: OwnOrders, now: number): DropState => {
  const { held, bought } = own
  const deadline = instantOf(held?.expiresAt)
  if (held && (deadline === undefined || now < deadline)) return { kind: 'held', order: held, until: deadline }
  if (product.purchaseLimit !== undefined && bought >= product.purchaseLimit) return { kind: 'yours' }
  const opensAt = instantOf(product.opensAt)
  const closesAt = instantOf(product.closesAt)
  if (closesAt !== undefined && now >= closesAt) return { kind: 'closed' }
  if (opensAt !== undefined && now < opensAt) return { kind: 'waiting', until: opensAt }
  return product.stock === 0 ? { kind: 'sold-out' } : { kind: 'open', until: closesAt }
}

/** A duration as a clock shows it: days apart, then hours, minutes and seconds, rounded up to whole seconds. */
export const clockOf = (ms: number): { readonly days: number; readonly text: string } => {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const pair = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600) % 24
  const rest = `${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`
  const days = Math.floor(seconds / 86_400)
  return { days, text: days > 0 || hours > 0 ? `${pair(hours)}:${rest}` : rest }
}
