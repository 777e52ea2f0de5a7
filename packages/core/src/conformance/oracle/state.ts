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
  opensAt: number | null
  closesAt: number | null
  sale: { readonly price: number; readonly from: number; readonly until: number } | null
  /** The most units that one user may have. */
  limit: number | null
  metadata: Readonly<Record<string, string>> | null
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
  /** The products that it is for; null for all. */
  readonly products: readonly string[] | null
  readonly code: string | null
  metadata: Readonly<Record<string, string>> | null
}

export type Written = 'pending' | 'paid' | 'failed' | 'cancelled' | 'expired' | 'refunded'

/** Money that an order was paid with: of a lot, with its end when it was spent, or paid money if `lotId` is null. */
export interface SourceNote {
  readonly lotId: string | null
  readonly amount: number
  readonly end: number | null
}

export interface RefundNote {
  readonly refundId: string
  readonly amount: number
  readonly bonus: number
  readonly lines: readonly { readonly productId: string; readonly quantity: number; readonly amount: number }[]
  readonly restocked: boolean
  readonly reason: string | null
  readonly reference: string | null
  readonly at: number
}

export interface OrderNote {
  readonly orderId: string
  readonly userId: string
  readonly lines: readonly {
    readonly productId: string
    readonly name: string
    readonly unitPrice: number
    readonly quantity: number
    readonly purchaseLimit?: number
  }[]
  readonly dropped: readonly ShortLine[]
  readonly couponId: string | null
  readonly discount: number
  /** The products that share the discount; null for all. */
  readonly discounted: readonly string[] | null
  readonly createdAt: number
  readonly deadline: number
  /** The recorded status; by the clock, an unpaid order may have expired since. */
  written: Written
  paidAt: number | null
  readonly reference: string | undefined
  /** In the order in which it was spent. */
  sources: readonly SourceNote[]
  readonly refunds: RefundNote[]
  /** Whether a refund has withdrawn the discount. */
  withdrawn: boolean
  metadata: Readonly<Record<string, string>> | null
}

/** Every kind of entry, in the order of a statement. */
export const kinds = ['charge', 'grant', 'payment', 'refund', 'withdrawal', 'adjustment', 'expiry', 'opening'] as const

export interface EntryNote {
  readonly entryId: string
  readonly userId: string
  readonly kind: (typeof kinds)[number]
  readonly amount: number
  readonly orderId: string | null
  readonly at: number
  /** Its part that was bonus money, signed, by lot. */
  readonly bonus: readonly { readonly lotId: string; readonly amount: number }[]
  readonly reference?: string | undefined
  readonly reason?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** Bonus money of one grant. What remains of it is the sum of its entries. */
export interface LotNote {
  readonly lotId: string
  readonly userId: string
  /** A refund may give it another one after it has ended. */
  end: number | null
}

/** What a reference stands for. */
export interface ReferenceNote {
  readonly kind: string
  readonly owner: string
  readonly reference: string
  readonly request: string
  readonly result: unknown
  /** The facts of the refusal of another request. */
  readonly names: Readonly<Record<string, string>>
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
  /** Oldest first. */
  readonly lots: LotNote[] = []
  readonly references: ReferenceNote[] = []
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

  /** The same state, independent of this one. */
  copy(): ModelState {
    const { policies, ...notes } = this
    const copy = Object.assign(new ModelState(policies), structuredClone(notes))
    copy.#made = this.#made
    return copy
  }

  /** Later ids sort higher. */
  makeId(): string {
    this.#made += 1
    return `z-${String(this.#made).padStart(8, '0')}`
  }

  isUnknown(userId: string): boolean {
    return this.policies.wallet.opens === 'by-registration' && !this.users.includes(userId)
  }

  statusOf(order: OrderNote): Written {
    return order.written === 'pending' && this.now >= order.deadline ? 'expired' : order.written
  }

  /** Refunded units of a product of an order. */
  refundedOf(order: OrderNote, productId: string): number {
    let units = 0
    for (const { lines } of order.refunds) {
      for (const line of lines) if (line.productId === productId) units += line.quantity
    }
    return units
  }

  /** Received units, less the units in paid orders that were not refunded, less the held units of pending orders. */
  stockOf(product: ProductNote): number {
    const { productId } = product
    let stock = 0
    for (const supply of product.supplies) stock += supply
    for (const order of this.orders) {
      const status = this.statusOf(order)
      const takes = status === 'paid' || (status === 'pending' && this.policies.stock.takenAt === 'order')
      if (!takes) continue
      for (const line of order.lines) {
        if (line.productId === productId) stock -= line.quantity - this.refundedOf(order, productId)
      }
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
      if (status === 'paid' && !order.withdrawn) return order.orderId
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

  couponWithCode(code: string): CouponNote | undefined {
    for (const coupon of this.coupons) if (coupon.code?.toUpperCase() === code.toUpperCase()) return coupon
    return undefined
  }

  order(orderId: string): OrderNote | undefined {
    for (const order of this.orders) if (order.orderId === orderId) return order
    return undefined
  }
}
