import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Order } from '../../src/commands.js'
import { type RefundDemand, refundAmounts } from '../../src/model/refund.js'
import { netAmounts } from '../../src/model/share.js'
import { lineOf, orderOf } from '../../src/testing/index.js'

const line = fc.oneof(
  fc.record({ unitPrice: fc.nat({ max: 10_000 }), quantity: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ unitPrice: fc.nat({ max: 9_000_000_000 }), quantity: fc.integer({ min: 1, max: 1_000_000 }) }),
)

/** A paid order of one to five lines, less a discount of 0 to its total. */
const order: fc.Arbitrary<Order> = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .filter(([lines]) => lines.reduce((sum, each) => sum + each.unitPrice * each.quantity, 0) <= Number.MAX_SAFE_INTEGER)
  .map(([lines, part]) => {
    const named = lines.map((each, index) => lineOf({ ...each, productId: `p${index}` }))
    const total = named.reduce((sum, { amount }) => sum + amount, 0)
    return orderOf({ status: 'paid', lines: named, discountAmount: Math.floor(total * part) }).row
  })

/** Which part of what is left of each line to refund. */
const steps = fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }), {
  maxLength: 6,
})

type OrderLine = Order['lines'][number]

const leftOf = (left: ReadonlyMap<string, number>, { productId }: OrderLine): number => left.get(productId) ?? 0

/** Refunds these parts, then the rest. Calls `judge` with each refund. Returns the amounts by product. */
const refundAll = (
  paid: Order,
  parts: readonly (readonly number[])[],
  { minimum, judge = () => {} }: { minimum?: number | undefined; judge?: (amount: number, after: Order) => void } = {},
): ReadonlyMap<string, number> => {
  const left = new Map(paid.lines.map(({ productId, quantity }) => [productId, quantity]))
  const byProduct = new Map<string, number>()
  let current = paid
  for (const part of [...parts, paid.lines.map(() => 1)]) {
    const demands: RefundDemand[] = paid.lines.flatMap((each, index) => {
      const quantity = Math.ceil(leftOf(left, each) * (part[index] ?? 0))
      return quantity > 0 ? [{ productId: each.productId, quantity }] : []
    })
    if (demands.length === 0) continue
    const { amount, amounts, isDiscountWithdrawn } = refundAmounts(current, demands, minimum)
    expect(amounts.reduce((sum, each) => sum + each, 0)).toBe(amount)
    for (const [index, { productId, quantity }] of demands.entries()) {
      left.set(productId, (left.get(productId) ?? 0) - quantity)
      byProduct.set(productId, (byProduct.get(productId) ?? 0) + (amounts[index] as number))
    }
    const refundId = `r${current.refunds?.length ?? 0}`
    const lines = demands.map((demand, index) => ({ ...demand, amount: amounts[index] as number }))
    const refund = { refundId, amount, bonusAmount: 0, lines, restocked: true, reason: null, reference: null, at: 0 }
    current = {
      ...current,
      refundedAmount: (current.refundedAmount ?? 0) + amount,
      refunds: [...(current.refunds ?? []), refund],
      discountWithdrawnBy: isDiscountWithdrawn ? (current.discountWithdrawnBy ?? refundId) : null,
    }
    judge(amount, current)
  }
  return byProduct
}

/** The full price of the units that are left. */
const remainingPrice = ({ lines, refunds }: Order): number =>
  lines.reduce((sum, { productId, unitPrice, quantity }) => {
    const back = (refunds ?? []).flatMap((refund) => refund.lines).filter((each) => each.productId === productId)
    return sum + unitPrice * (quantity - back.reduce((units, each) => units + each.quantity, 0))
  }, 0)

describe('the amounts of refunds', () => {
  it('add up to what was paid, line by line, whatever the steps', () => {
    fc.assert(
      fc.property(order, steps, (paid, parts) => {
        const judge = (amount: number, { refundedAmount, finalAmount }: Order) => {
          expect(amount).toBeGreaterThanOrEqual(0)
          expect(refundedAmount).toBeLessThanOrEqual(finalAmount)
        }
        const byProduct = refundAll(paid, parts, { judge })
        const nets = netAmounts(paid)
        expect(paid.lines.map(({ productId }) => byProduct.get(productId))).toEqual(nets)
        expect(nets.reduce((sum, net) => sum + net, 0)).toBe(paid.finalAmount)
      }),
    )
  })

  it('are each unit’s share, rounded down over all units so far', () => {
    fc.assert(
      fc.property(order, steps, (paid, parts) => {
        const nets = netAmounts(paid)
        refundAll(paid, parts, {
          judge(_, { refunds }) {
            for (const [index, { productId, quantity }] of paid.lines.entries()) {
              const back = (refunds ?? []).flatMap(({ lines }) => lines).filter((each) => each.productId === productId)
              const units = back.reduce((sum, each) => sum + each.quantity, 0)
              const amount = back.reduce((sum, each) => sum + each.amount, 0)
              expect(BigInt(amount)).toBe((BigInt(nets[index] as number) * BigInt(units)) / BigInt(quantity))
            }
          },
        })
      }),
    )
  })

  it('are the same for a unit after the same units, whatever came in between', () => {
    const three = orderOf({
      status: 'paid',
      lines: [
        { unitPrice: 333, quantity: 3 },
        { productId: 'p2', unitPrice: 10 },
      ],
      discountAmount: 100,
    }).row
    const one = refundAmounts(three, [{ productId: 'p1', quantity: 1 }], undefined)
    const both = refundAmounts(
      three,
      [
        { productId: 'p2', quantity: 1 },
        { productId: 'p1', quantity: 1 },
      ],
      undefined,
    )
    expect(one.amounts).toEqual([300])
    expect(both.amounts).toEqual([9, 300])
  })
})

describe('the amounts of refunds of which a minimum may be missed', () => {
  const minimum = fc.nat({ max: 40_000 })

  it('add up to what was paid, and are never negative', () => {
    fc.assert(
      fc.property(order, steps, minimum, (paid, parts, lowest) => {
        let refunded = 0
        refundAll(paid, parts, {
          minimum: lowest,
          judge(amount, after) {
            expect(amount).toBeGreaterThanOrEqual(0)
            refunded = after.refundedAmount ?? 0
            expect(refunded).toBeLessThanOrEqual(paid.finalAmount)
          },
        })
        expect(refunded).toBe(paid.finalAmount)
      }),
    )
  })

  it('leave the buyer with the full price of what remains once the minimum is missed, or less', () => {
    fc.assert(
      fc.property(order, steps, minimum, (paid, parts, lowest) => {
        refundAll(paid, parts, {
          minimum: lowest,
          judge(amount, after) {
            const kept = after.finalAmount - (after.refundedAmount ?? 0)
            const price = remainingPrice(after)
            if (after.discountWithdrawnBy === null) expect(price >= lowest || price === 0).toBe(true)
            else if (amount > 0) expect(kept).toBe(price)
            else expect(kept).toBeLessThanOrEqual(price)
          },
        })
      }),
    )
  })
})
