import type { Answer } from '../../support/tokens.js'
import { Market } from './market.js'
import { Faults, numbered, quiet, type Scenario } from './scenario.js'

const money = 100_000
const price = 1_000
/** Two of the first, one of the second: 3,000 with a tenth off. */
const toPay = 2_700
const plenty = 1_000

interface Checkout {
  readonly name: string
  readonly buyers: number
  /** How many of the second product there are: one is in every order. */
  readonly scarce: number
  /** The first buyer cannot pay. */
  readonly hasPoor: boolean
  readonly isOneCall: boolean
}

interface Bought {
  readonly ordered: Answer
  readonly paid: Answer | undefined
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
        const faults = new Faults()
        let placed = 0
        let events = 0
        for (const [n, userId] of users.entries()) {
          const { ordered, paid } = bought[n] as Bought
          const charged = { kind: 'charge', amount: moneyOf(n), orderId: null }
          const isPoor = moneyOf(n) < toPay
          if (ordered.status !== 201) {
            const code = isPoor && isOneCall && ordered.body.code === 'BALANCE_INSUFFICIENT'
            faults.same(`${userId} is refused`, code || ordered.body.code, code || 'STOCK_INSUFFICIENT')
            faults.same(`${userId} orders`, await market.orders(userId), [])
            faults.same(`${userId} entries`, await market.entries(userId), [charged])
            faults.same(`${userId} coupons`, await market.coupons(userId), [{ status: 'issued', usedByOrderId: null }])
            continue
          }
          placed += 1
          const { orderId } = ordered.body
          if (!isOneCall) faults.same(`${userId} payment`, paid?.status, isPoor ? 409 : 200)
          if (!isPoor) events += 1
          const payment = { kind: 'payment', amount: -toPay, orderId }
          faults.same(`${userId} orders`, await market.orders(userId), [
            { orderId, status: isPoor ? 'pending' : 'paid' },
          ])
          faults.same(`${userId} entries`, await market.entries(userId), isPoor ? [charged] : [charged, payment])
          faults.same(`${userId} coupons`, await market.coupons(userId), [{ status: 'used', usedByOrderId: orderId }])
        }
        const able = buyers - (isOneCall && hasPoor ? 1 : 0)
        faults.same('orders', placed, Math.min(able, scarce))
        faults.same('stock of the rare product', await market.stock(rare), scarce - placed)
        faults.same('stock of the common product', await market.stock(common), plenty - 2 * placed)
        return { faults: faults.list, events }
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
