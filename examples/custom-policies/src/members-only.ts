import { guard, placeOrder } from '@shop/core/commands'

/** Only members order. Membership is no row of the shop: the caller gives it with the call, as `context`. */
export const membersOnly = guard(placeOrder, {
  refusals: ['NOT_A_MEMBER'],
  refuse: (_facts, { userId }, { context }) =>
    context['isMember'] === true ? undefined : { code: 'NOT_A_MEMBER', userId },
})
