import { guard, placeOrder } from '@shop/core/commands'

const limit = 10

/** At most ten units in one order. It needs no row, so it decides before the refusals of the order itself. */
export const fewUnits = guard(placeOrder, {
  when: 'before',
  refusals: ['TOO_MANY_UNITS'],
  refuse(_facts, { products }) {
    const requested = products.reduce((sum, { quantity }) => sum + quantity, 0)
    return requested > limit ? { code: 'TOO_MANY_UNITS', limit, requested } : undefined
  },
})
