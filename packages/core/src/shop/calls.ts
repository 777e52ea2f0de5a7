import { changeStock } from '../commands/catalog/change-stock.js'
import { createProduct } from '../commands/catalog/create-product.js'
import { updateProduct } from '../commands/catalog/update-product.js'
import { createCoupon } from '../commands/coupon/create-coupon.js'
import { issueCoupon } from '../commands/coupon/issue-coupon.js'
import { updateCoupon } from '../commands/coupon/update-coupon.js'
import { cancelOrder } from '../commands/order/cancel-order.js'
import { expireOrder } from '../commands/order/expire-order.js'
import { placeOrder } from '../commands/order/place-order.js'
import { redeliverEvent } from '../commands/outbox/redeliver-event.js'
import { payOrder } from '../commands/payment/pay-order.js'
import { refundOrder } from '../commands/payment/refund-order.js'
import { chargeBalance } from '../commands/wallet/charge-balance.js'
import { registerUser } from '../commands/wallet/register-user.js'
import type { Command } from '../engine/command.js'
import type { IdempotencyKey, Outcome } from '../engine/outcome.js'

/** Everything that changes a shop, by noun: the facade is made from this table. */
export const commands = {
  users: { register: registerUser },
  balance: { charge: chargeBalance },
  products: { create: createProduct, update: updateProduct, changeStock },
  coupons: { create: createCoupon, update: updateCoupon, issue: issueCoupon },
  orders: { place: placeOrder, cancel: cancelOrder, expire: expireOrder, refund: refundOrder },
  payments: { pay: payOrder },
  outbox: { redeliver: redeliverEvent },
} as const

type Commands = typeof commands

export interface CallOptions {
  /** With a key, the command has one effect and one answer, however often it is called. */
  readonly idempotency?: IdempotencyKey | undefined
}

type Call<V, Wrapped extends boolean> =
  V extends Command<infer Input, infer Result>
    ? (input: Input, options?: CallOptions) => Promise<Wrapped extends true ? Outcome<Result> : Result>
    : never

type CallsOf<Wrapped extends boolean> = {
  readonly [Noun in keyof Commands]: { readonly [Name in keyof Commands[Noun]]: Call<Commands[Noun][Name], Wrapped> }
}

/** Every command as a function that resolves with its result and rejects with a ShopRefusal. */
export type Calls = CallsOf<false>

/** Every command as a function that resolves with its outcome, refusals included. */
export type OutcomeCalls = CallsOf<true>

// biome-ignore lint/suspicious/noExplicitAny: the mapped types above give every call its own types
type Run = (command: Command<any, any>, input: unknown, options?: CallOptions) => Promise<unknown>

/** The table with every command turned into a function that `run` executes. */
const bind = (run: Run): unknown =>
  Object.fromEntries(
    Object.entries(commands).map(([noun, named]) => [
      noun,
      Object.fromEntries(
        Object.entries(named).map(([name, command]) => [
          name,
          (input: unknown, options?: CallOptions) => run(command, input, options),
        ]),
      ),
    ]),
  )

export const bindCalls = (run: Run): Calls => bind(run) as Calls

export const bindOutcomeCalls = (run: Run): OutcomeCalls => bind(run) as OutcomeCalls
