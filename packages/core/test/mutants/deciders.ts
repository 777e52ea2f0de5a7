import type { PlaceOrder } from '../../src/index.js'
import type { Order, Product } from '../../src/store.js'
import { believes, chain, forgets, misreadsClock, writes } from './breakers/decide.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const

interface OnOrder {
  readonly orderId: string
}

/** The order with another status. */
const asIf = (change: (order: Order) => Partial<Order>) =>
  believes<OnOrder>((facts) => ({
    order: (orderId) => {
      const order = facts.order(orderId)
      return order && { ...order, ...change(order) }
    },
  }))

const unended = asIf(({ status, expiresAt }) =>
  status === 'pending' ? {} : { status: 'pending', expiresAt: expiresAt ?? 9e15 },
)

/** Units that lines of one product request beyond the largest line. */
const surplus = ({ products }: PlaceOrder, productId: string): number => {
  const quantities = products.filter((line) => line.productId === productId).map(({ quantity }) => quantity)
  return quantities.reduce((sum, each) => sum + each, 0) - Math.max(0, ...quantities)
}

/** The row with its values clamped to what the constraints allow. */
const onShelf = (product: Product, missing: number): Product => {
  const stock = Math.max(0, product.stock - missing)
  return { ...product, stock, held: Math.min(product.held, stock) }
}

export const deciderMutants: readonly Mutant[] = [
  {
    id: 'M02',
    title: 'balance not checked',
    part: 'decider',
    instead: 'The working set and the store refuse a negative balance: this decider stops at 0.',
    fits: everywhere,
    breaks: {
      decide: {
        'pay-order': believes<OnOrder & { readonly userId: string }>((facts, { orderId }) => ({
          wallet: (userId) => {
            const wallet = facts.wallet(userId)
            return wallet && { ...wallet, balance: Math.max(wallet.balance, facts.order(orderId)?.finalAmount ?? 0) }
          },
        })),
      },
    },
  },
  {
    id: 'M04',
    title: 'refund without a ledger row',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'refund-order': forgets('entries') } },
  },
  {
    id: 'M11',
    title: 'stock checked line by line',
    part: 'decider',
    instead:
      'The working set refuses to hold more units than the stock: this decider holds all units and promises the rest.',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': chain(
          believes<PlaceOrder>((facts, input) => ({
            product: (productId) => {
              const product = facts.product(productId)
              return product && { ...product, stock: product.stock + surplus(input, productId) }
            },
          })),
          writes<PlaceOrder>((change, _, input) =>
            'put' in change && change.put === 'products'
              ? [{ ...change, row: onShelf(change.row, surplus(input, change.row.productId)) }]
              : [change],
          ),
        ),
      },
    },
  },
  {
    id: 'M13',
    title: 'cancel whatever the status',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'cancel-order': unended } },
  },
  {
    id: 'M14',
    title: 'pay whatever the status',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'pay-order': asIf(({ status, expiresAt }) =>
          status === 'cancelled' || status === 'failed' ? { status: 'pending', expiresAt: expiresAt ?? 9e15 } : {},
        ),
      },
    },
  },
  {
    id: 'M22',
    title: 'refund ignores the discount',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'refund-order': chain(
          asIf(({ totalAmount }) => ({ finalAmount: totalAmount })),
          writes((change, facts) => {
            if (!('put' in change) || change.put !== 'orders') return [change]
            const { orderId, finalAmount } = change.row
            return [
              { ...change, row: { ...change.row, finalAmount: facts.order(orderId)?.finalAmount ?? finalAmount } },
            ]
          }),
        ),
      },
    },
  },
  {
    id: 'M24',
    title: 'ranking keeps refunded orders',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'refund-order': writes((change) => ('sold' in change ? [] : [change])) } },
  },
  {
    id: 'M25',
    title: 'coupon not released when the order is cancelled',
    part: 'decider',
    fits: ['CROWDED', 'ALONE'],
    breaks: { decide: { 'cancel-order': forgets('issuedCoupons') } },
  },
  {
    id: 'M30',
    title: 'coupon still issued at the instant of its end',
    part: 'decider',
    fits: ['COUPON-WINDOW'],
    breaks: {
      decide: {
        'issue-coupon': misreadsClock<{ readonly couponId: string }>((facts, { couponId }, { now }) =>
          facts.coupon(couponId)?.validUntil === now ? now - 1 : now,
        ),
      },
    },
  },
  {
    id: 'M35',
    title: 'expiry job ends a paid order',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'expire-order': asIf(({ status }) => (status === 'paid' ? { status: 'pending', expiresAt: 0 } : {})),
      },
    },
  },
  {
    id: 'M36',
    title: 'price read again at payment',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'pay-order': believes<OnOrder>((facts) => ({
          order: (orderId) => {
            const order = facts.order(orderId)
            if (order?.status !== 'pending') return order
            const lines = order.lines.map((line) => {
              const unitPrice = facts.product(line.productId)?.price ?? line.unitPrice
              return { ...line, unitPrice, amount: unitPrice * line.quantity }
            })
            const totalAmount = lines.reduce((sum, { amount }) => sum + amount, 0)
            const discountAmount = Math.min(order.discountAmount, totalAmount)
            return { ...order, lines, totalAmount, discountAmount, finalAmount: totalAmount - discountAmount }
          },
        })),
      },
    },
  },
  {
    id: 'P01',
    title: 'stock taken line by line, the last line wins',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': writes<PlaceOrder>((change, facts, { products }) => {
          if (!('put' in change) || change.put !== 'products') return [change]
          const before = facts.product(change.row.productId)
          const last = products.filter(({ productId }) => productId === change.row.productId).at(-1)?.quantity ?? 0
          if (!before) return [change]
          const isHeld = change.row.held > before.held
          const row = isHeld ? { ...before, held: before.held + last } : { ...before, stock: before.stock - last }
          return [{ ...change, row }]
        }),
      },
    },
  },
  {
    id: 'P04',
    title: 'promotion without its code',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': believes<PlaceOrder>((facts, _, { now }) => ({
          issuedCoupon: (couponId, userId) =>
            facts.issuedCoupon(couponId, userId) ?? {
              couponId,
              userId,
              issuedAt: now,
              usedByOrderId: null,
              usedUntil: null,
            },
        })),
      },
    },
  },
]
