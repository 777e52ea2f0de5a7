import type { Policies } from '../../policies/policies.js'
import type { Refusal, ShortLine } from '../../shared/refusal.js'

export interface ProductNote {
  readonly productId: string
  name: string
  price: number
  listed: boolean
  readonly createdAt: number
  /** The first stock and every change of it. */
  readonly supplies: number[]
}

export interface CouponNote {
  readonly couponId: string
  readonly name: string
  readonly discount:
    | { readonly kind: 'fixed'; readonly amount: number }
    | { readonly kind: 'percentage'; readonly percent: number; readonly maximum?: number | undefined }
  quantity: number
  readonly validFrom: number
  validUntil: number
  readonly minimum: number | null
  readonly createdAt: number
}

export type Written = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refunded'

export interface OrderNote {
  readonly orderId: string
  readonly userId: string
  readonly lines: readonly {
    readonly productId: string
    readonly name: string
    readonly unitPrice: number
    readonly quantity: number
  }[]
  readonly dropped: readonly ShortLine[]
  readonly couponId: string | null
  readonly discount: number
  readonly createdAt: number
  readonly deadline: number
  /** The recorded status; by the clock, an unpaid order may have expired since. */
  written: Written
  paidAt: number | null
}

export interface EntryNote {
  readonly entryId: string
  readonly userId: string
  readonly kind: 'charge' | 'payment' | 'refund'
  readonly amount: number
  readonly orderId: string | null
  readonly at: number
}

export interface EventNote {
  readonly eventId: string
  readonly orderId: string
  readonly sequence: number
  readonly type: string
  readonly data: unknown
  readonly at: number
  status: 'pending' | 'sent' | 'dead'
  attempts: number
  nextAttemptAt: number
  lastError: string | null
}

export interface RankingNote {
  readonly products: readonly { readonly productId: string; readonly sold: number; readonly views: number }[]
  readonly from: string
  readonly to: string
  readonly asOf: number
}

/** The oracle's answer. */
export type ModelReply =
  | { readonly ok: true; readonly result: unknown; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly replayed: boolean }

/** Everything that has happened, in order. Sums and states are computed on demand. */
export class ModelState {
  now = 0
  readonly users: string[] = []
  readonly entries: EntryNote[] = []
  readonly products: ProductNote[] = []
  readonly coupons: CouponNote[] = []
  readonly issued: { readonly couponId: string; readonly userId: string; readonly at: number }[] = []
  readonly orders: OrderNote[] = []
  readonly payments: { readonly paymentId: string; readonly orderId: string; readonly balance: number }[] = []
  readonly events: EventNote[] = []
  readonly answers: {
    readonly scope: string
    readonly key: string
    readonly request: string
    readonly told: ModelReply
  }[] = []
  readonly looks: string[] = []
  readonly flushedLooks: string[] = []
  ranking: RankingNote | null = null
  readonly policies: Policies
  #made = 0

  constructor(policies: Policies) {
    this.policies = policies
  }

  /** Later ids sort higher. */
  makeId(): string {
    this.#made += 1
    return `z-${String(this.#made).padStart(8, '0')}`
  }

  balanceOf(userId: string): number {
    let balance = 0
    for (const entry of this.entries) if (entry.userId === userId) balance += entry.amount
    return balance
  }

  isUnknown(userId: string): boolean {
    return this.policies.wallet.opens === 'by-registration' && !this.users.includes(userId)
  }

  statusOf(order: OrderNote): Written {
    return order.written === 'pending' && this.now >= order.deadline ? 'expired' : order.written
  }

  /** Received units, less the units of paid orders, less the held units of pending orders. */
  stockOf(product: ProductNote): number {
    let stock = 0
    for (const supply of product.supplies) stock += supply
    for (const order of this.orders) {
      const status = this.statusOf(order)
      const takes = status === 'paid' || (status === 'pending' && this.policies.stock.takenAt === 'order')
      if (!takes) continue
      for (const line of order.lines) if (line.productId === product.productId) stock -= line.quantity
    }
    return stock
  }

  issuedCount(couponId: string): number {
    let count = 0
    for (const copy of this.issued) if (copy.couponId === couponId) count += 1
    return count
  }

  isIssued(couponId: string, userId: string): boolean {
    for (const copy of this.issued) if (copy.couponId === couponId && copy.userId === userId) return true
    return false
  }

  /** The order that uses a user's coupon, if any. */
  userOf(couponId: string, userId: string): string | null {
    for (const order of this.orders) {
      if (order.couponId !== couponId || order.userId !== userId) continue
      const status = this.statusOf(order)
      if (status === 'paid') return order.orderId
      if (status === 'pending' && this.policies.coupon.consumedAt === 'order') return order.orderId
    }
    return null
  }

  product(productId: string): ProductNote | undefined {
    for (const product of this.products) if (product.productId === productId) return product
    return undefined
  }

  coupon(couponId: string): CouponNote | undefined {
    for (const coupon of this.coupons) if (coupon.couponId === couponId) return coupon
    return undefined
  }

  order(orderId: string): OrderNote | undefined {
    for (const order of this.orders) if (order.orderId === orderId) return order
    return undefined
  }
}
