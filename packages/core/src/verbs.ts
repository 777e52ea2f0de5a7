import { changeStock } from './catalog/change-stock.js'
import { createProduct } from './catalog/create-product.js'
import { updateProduct } from './catalog/update-product.js'
import type { Verb } from './command/verb.js'
import { createCoupon } from './coupon/create-coupon.js'
import { issueCoupon } from './coupon/issue-coupon.js'
import { updateCoupon } from './coupon/update-coupon.js'
import type { IdempotencyKey, Outcome } from './executor/outcome.js'
import { cancelOrder } from './order/cancel-order.js'
import { expireOrder } from './order/expire-order.js'
import { placeOrder } from './order/place-order.js'
import { redeliverEvent } from './outbox/redeliver-event.js'
import { payOrder } from './payment/pay-order.js'
import { refundOrder } from './payment/refund-order.js'
import { chargeBalance } from './wallet/charge-balance.js'
import { registerUser } from './wallet/register-user.js'

/** Everything that changes a shop, by noun: the facade is made from this table. */
export const verbs = {
  users: { register: registerUser },
  balance: { charge: chargeBalance },
  products: { create: createProduct, update: updateProduct, changeStock },
  coupons: { create: createCoupon, update: updateCoupon, issue: issueCoupon },
  orders: { place: placeOrder, cancel: cancelOrder, expire: expireOrder, refund: refundOrder },
  payments: { pay: payOrder },
  outbox: { redeliver: redeliverEvent },
} as const

type Verbs = typeof verbs

export interface CallOptions {
  /** With a key, the command has one effect and one answer, however often it is called. */
  readonly idempotency?: IdempotencyKey | undefined
}

type Call<V, Wrapped extends boolean> =
  V extends Verb<infer Input, infer Result>
    ? (input: Input, options?: CallOptions) => Promise<Wrapped extends true ? Outcome<Result> : Result>
    : never

type CallsOf<Wrapped extends boolean> = {
  readonly [Noun in keyof Verbs]: { readonly [Name in keyof Verbs[Noun]]: Call<Verbs[Noun][Name], Wrapped> }
}

/** Every verb as a function that resolves with its result and rejects with a ShopRefusal. */
export type Calls = CallsOf<false>

/** Every verb as a function that resolves with its outcome, refusals included. */
export type OutcomeCalls = CallsOf<true>

// biome-ignore lint/suspicious/noExplicitAny: the mapped types above give every call its own types
type Run = (verb: Verb<any, any>, input: unknown, options?: CallOptions) => Promise<unknown>

/** The table with every verb turned into a function that `run` executes. */
const bind = (run: Run): unknown =>
  Object.fromEntries(
    Object.entries(verbs).map(([noun, named]) => [
      noun,
      Object.fromEntries(
        Object.entries(named).map(([name, verb]) => [
          name,
          (input: unknown, options?: CallOptions) => run(verb, input, options),
        ]),
      ),
    ]),
  )

export const bindCalls = (run: Run): Calls => bind(run) as Calls

export const bindOutcomeCalls = (run: Run): OutcomeCalls => bind(run) as OutcomeCalls
