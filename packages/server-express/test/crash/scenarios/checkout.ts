import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const money = 100_000
const price = 1_000
/** Two of the first and one of the second product: 3,000 with a discount of 10 %. */
const toPay = 2_700
const plenty = 1_000

interface Checkout {
  readonly name: string
  readonly buyers: number
  /** Stock of the second product. Every order contains one unit. */
  readonly scarce: number
  /** The first buyer cannot pay. */
  readonly hasPoor: boolean
  readonly isOneCall: boolean
}

interface Bought {
  readonly ordered: ApiResponse
  readonly paid: ApiResponse | undefined
}

const checkout = ({ name, buyers, scarce, hasPoor, isOneCall }: Checkout): Scenario => ({
  name,
  policies: { ...quiet, order: { checkout: isOneCall ? 'order-and-pay' : 'order-then-pay' } },
  async prepare(client, run) {
    const market = new Market(client, run)
    const couponId = await market.coupon(buyers)
    const common = await market.product('common', { price, stock: plenty })
    const rare = await market.product('rare', { price, stock: scarce })
    const moneyOf = (n: number) => (hasPoor && n === 0 ? 1 : money)
    const users = await Promise.all(numbered(buyers, (n) => market.user(n, moneyOf(n), couponId)))
    const bought: Bought[] = []
    const buy = async (userId: string, n: number) => {
      const lines = [
        { productId: common, quantity: 2 },
        { productId: rare, quantity: 1 },
      ]
      const ordered = await market.order(userId, lines, couponId)
      const pays = ordered.status === 201 && !isOneCall
      bought[n] = { ordered, paid: pays ? await market.pay(userId, ordered.body.orderId) : undefined }
    }

    return {
      callers: users.map((userId, n) => () => buy(userId, n)),
      async check() {
        const mismatches = new Mismatches()
        let placed = 0
        let events = 0
        for (const [n, userId] of users.entries()) {
          const { ordered, paid } = bought[n] as Bought
          const charged = { kind: 'charge', amount: moneyOf(n), orderId: null }
          const isPoor = moneyOf(n) < toPay
          if (ordered.status !== 201) {
            const code = isPoor && isOneCall && ordered.body.code === 'BALANCE_INSUFFICIENT'
            mismatches.same(`${userId} is refused`, code || ordered.body.code, code || 'STOCK_INSUFFICIENT')
            mismatches.same(`${userId} orders`, await market.orders(userId), [])
            mismatches.same(`${userId} entries`, await market.entries(userId), [charged])
            mismatches.same(`${userId} coupons`, await market.coupons(userId), [
              { status: 'issued', usedByOrderId: null },
            ])
            continue
          }
          placed += 1
          const { orderId } = ordered.body
          if (!isOneCall) mismatches.same(`${userId} payment`, paid?.status, isPoor ? 409 : 200)
          if (!isPoor) events += 1
          const payment = { kind: 'payment', amount: -toPay, orderId }
          mismatches.same(`${userId} orders`, await market.orders(userId), [
            { orderId, status: isPoor ? 'pending' : 'paid' },
          ])
          mismatches.same(`${userId} entries`, await market.entries(userId), isPoor ? [charged] : [charged, payment])
          mismatches.same(`${userId} coupons`, await market.coupons(userId), [
            { status: 'used', usedByOrderId: orderId },
          ])
        }
        const able = buyers - (isOneCall && hasPoor ? 1 : 0)
        mismatches.same('orders', placed, Math.min(able, scarce))
        mismatches.same('stock of the rare product', await market.stock(rare), scarce - placed)
        mismatches.same('stock of the common product', await market.stock(common), plenty - 2 * placed)
        return { mismatches: mismatches.list, events }
      },
    }
  },
})

const alone = { buyers: 1, scarce: 1, hasPoor: false }
const together = { buyers: 6, scarce: 4, hasPoor: true }

export const checkouts: readonly Scenario[] = [
  checkout({ name: 'checkout', ...alone, isOneCall: false }),
  checkout({ name: 'checkout, 6 buyers', ...together, isOneCall: false }),
  checkout({ name: 'one-call checkout', ...alone, isOneCall: true }),
  checkout({ name: 'one-call checkout, 6 buyers', ...together, isOneCall: true }),
]
