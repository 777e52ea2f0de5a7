import {
  type IssueCoupon,
  type IssuedCouponView,
  type Outcome,
  type Shop,
  ShopRefusal,
  type UpdateCoupon,
} from '@shop/core'
import { type Command, issueCoupon, updateCoupon } from '@shop/core/commands'
import type { CouponGate } from './coupon-gate.js'

/**
 * The same shop with a gate before its coupons: issuing goes through it and changing a coupon tells it, called by noun or
 * by `execute`. Inside a transaction of the caller (`within`) the gate is not asked; who changes a coupon there wraps the
 * transaction into `gate.changing`, else callers may hear the old terms until these lapse.
 */
export const gatedShop = <Tx>(shop: Shop<Tx>, gate: CouponGate): Shop<Tx> => {
  const execute: Shop<Tx>['execute'] = async <Input, Result>(
    command: Command<Input, Result>,
    input: Input,
    options?: Parameters<Shop<Tx>['execute']>[2],
  ): Promise<Outcome<Result>> => {
    const run = () => shop.execute(command, input, options)
    if (command.name === issueCoupon.name) {
      const decide = run as () => Promise<Outcome<IssuedCouponView>>
      const isKeyed = options?.idempotency !== undefined
      return (await gate.issue(input as IssueCoupon, decide, { isKeyed })) as Outcome<Result>
    }
    if (command.name === updateCoupon.name && updateCoupon.check(input as UpdateCoupon).length === 0) {
      return gate.changing((input as UpdateCoupon).couponId, run)
    }
    return run()
  }
  const called = async <Result>(outcome: Promise<Outcome<Result>>): Promise<Result> => {
    const answer = await outcome
    if (!answer.ok) throw new ShopRefusal(answer.refusal, answer.replayed)
    return answer.result
  }
  const coupons: Shop<Tx>['coupons'] = {
    ...shop.coupons,
    issue: (input, options) => called(execute(issueCoupon, input, options)),
    update: (input, options) => called(execute(updateCoupon, input, options)),
  }
  // By its descriptors, because some members are computed whenever they are read.
  return Object.defineProperties({} as Shop<Tx>, {
    ...Object.getOwnPropertyDescriptors(shop),
    coupons: { value: coupons, enumerable: true },
    execute: { value: execute, enumerable: true },
  })
}
