import type { AuditReport } from '../audit/audit.js'
import type { Command } from '../engine/command.js'
import type { Outcome } from '../engine/outcome.js'
import type { Policies } from '../policies/policies.js'
import type { Balance, BalanceWithin } from './balance.js'
import type { CallOptions } from './calls.js'
import type { Coupons, CouponsWithin } from './coupons.js'
import type { Orders, OrdersWithin } from './orders.js'
import type { Outbox, OutboxWithin } from './outbox.js'
import type { Payments, PaymentsWithin } from './payments.js'
import type { Products, ProductsWithin } from './products.js'
import type { RepairOptions, RepairReport } from './repair.js'
import type { Statement, StatementQuery } from './statement.js'
import type { ShopUpkeep } from './upkeep.js'
import type { Users, UsersWithin } from './users.js'

/**
 * A shop: commands and reads, by noun. A refusal is thrown as a {@link ShopRefusal}. If the shop cannot answer now, a call
 * rejects with {@link ShopUnavailable}. Every input with an unknown field is refused: INVALID_REQUEST.
 */
export interface Shop<Tx = never> {
  /** People with a wallet. */
  readonly users: Users
  /** Prepaid balances: charge, grant, withdraw, adjust, read, history. */
  readonly balance: Balance
  /** The catalogue and the popular products. */
  readonly products: Products
  /** First-come-first-served coupons. */
  readonly coupons: Coupons
  /** Orders, from placing to refund. */
  readonly orders: Orders
  /** Payments from the balance. */
  readonly payments: Payments
  /** The events for the data platform. */
  readonly outbox: Outbox
  /** Functions for scheduled jobs. */
  readonly upkeep: ShopUpkeep
  /** The rules that this shop follows. */
  readonly policies: Policies
  /** The currency that answers and events name, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
  /**
   * Runs any command, also one of your own, and resolves with its outcome: a refusal is a value.
   * @example
   * const outcome = await shop.execute(issueCoupon, { userId, couponId })
   * if (!outcome.ok) console.log(outcome.refusal.code)
   */
  execute<Input, Result>(command: Command<Input, Result>, input: Input, options?: CallOptions): Promise<Outcome<Result>>
  /**
   * The commands inside a transaction that the caller owns: they commit or roll back with it. Refusals are returned as
   * values, because throwing them would roll back the caller's own work. Await each command before the next statement.
   * @throws Error if the store cannot work inside a transaction of the caller's
   * @example
   * await knex.transaction(async (trx) => {
   *   const placed = await shop.within(trx).orders.place({ userId, products })
   *   if (placed.ok) await trx('gift_notes').insert({ orderId: placed.result.orderId, note })
   * })
   */
  within(tx: Tx): ShopWithin
  /**
   * The movements of all balances, and what was sold and refunded, on some days of policy `ranking.timeZone`. The closing
   * of one day is the opening of the next, and a past day never changes.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { opening, closing } = await shop.statement({ from: '2026-11-01', to: '2026-11-30' })
   */
  statement(query: StatementQuery): Promise<Statement>
  /**
   * Checks every law on one snapshot of the live data.
   * @example const { ok, violations } = await shop.audit()
   */
  audit(): Promise<AuditReport>
  /**
   * Cures every violation that has one safe cure: counters are computed again from their rows, overdue orders and lots end,
   * missing events are written, stray holds are removed. Each cure runs under locks and is recorded. What has no safe cure,
   * such as a history that does not add up, is reported.
   * @throws ShopRefusal INVALID_REQUEST | LEADERSHIP_LOST (another repair has started meanwhile)
   * @example const { cures, left } = await shop.repair({ dryRun: true })
   */
  repair(options?: RepairOptions): Promise<RepairReport>
  /** Commands that are queued or running. */
  readonly queued: number
  /**
   * Rejects new commands with {@link ShopUnavailable}, answers all queued ones, and writes the counted views. The store
   * stays open.
   * @example await shop.close()
   */
  close(): Promise<void>
}

/** The commands of a shop inside a transaction of the caller's. Each resolves with its outcome: a refusal is a value. */
export interface ShopWithin {
  /** People with a wallet. */
  readonly users: UsersWithin
  /** Prepaid balances. */
  readonly balance: BalanceWithin
  /** The catalogue. */
  readonly products: ProductsWithin
  /** First-come-first-served coupons. */
  readonly coupons: CouponsWithin
  /** Orders, from placing to refund. */
  readonly orders: OrdersWithin
  /** Payments from the balance. */
  readonly payments: PaymentsWithin
  /** The events for the data platform. */
  readonly outbox: OutboxWithin
}
