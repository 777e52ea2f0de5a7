import type { AuditReport } from '../audit/audit.js'
import type { Command } from '../engine/command.js'
import type { Outcome } from '../engine/outcome.js'
import type { Policies } from '../policies/policies.js'
import type { Balance, BalanceWithin } from './balance.js'
import type { CallOptions } from './calls.js'
import type { Coupons, CouponsWithin } from './coupons.js'
import type { HistoryWithin, ShopHistory } from './history.js'
import type { ImportOptions, ImportReport } from './import/import.js'
import type { ImportLines } from './import/read-lines.js'
import type { Orders, OrdersWithin } from './orders.js'
import type { Outbox, OutboxWithin } from './outbox.js'
import type { Payments, PaymentsWithin } from './payments.js'
import type { Products, ProductsWithin } from './products.js'
import type { RepairOptions, RepairReport } from './repair.js'
import type { Statement, StatementQuery } from './statement.js'
import type { ShopUpkeep } from './upkeep.js'
import type { Users, UsersWithin } from './users.js'

/** The type of the transactions that a shop opens, if none is named: the one that it joins; unknown for a shop of any kind. */
export type OpenedBy<Tx> = [Tx] extends [never] ? unknown : Tx

/**
 * A shop: commands and reads, by noun. A refusal is thrown as a {@link ShopRefusal}. If the shop cannot answer now, a call
 * rejects with {@link ShopUnavailable}. Every input with an unknown field is refused: INVALID_REQUEST.
 */
export interface Shop<Tx = never, Opened = OpenedBy<Tx>> {
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
  /** Whether acknowledged commands were lost. */
  readonly history: ShopHistory
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
  execute<Input, Result>(
    command: Command<Input, Result>,
    input: Input,
    options?: CallOptions<Result>,
  ): Promise<Outcome<Result>>
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
   * Opens a transaction for you, runs `work` in it, and commits; rolls back if `work` rejects. The store limits how many
   * run at once; in Postgres it is the size of the pool less two, at least one. Further calls wait in the order of their
   * arrival, without a connection.
   * @throws ShopUnavailable if it could not begin in time, too many wait, or the store does not answer
   * @throws the error of `work`
   * @throws Error if the store cannot open transactions
   * @example
   * const placed = await shop.transaction(async (trx, calls) => {
   *   const outcome = await calls.orders.place({ userId, products })
   *   if (outcome.ok) await trx('gift_notes').insert({ order_id: outcome.result.orderId, note })
   *   return outcome
   * })
   */
  transaction<T>(work: (tx: Opened, calls: ShopWithin) => Promise<T>, options?: TransactionOptions): Promise<T>
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
  /**
   * Brings users with their balances, products, coupons and copies of coupons of an earlier shop. Each line is a JSON object
   * with a `type`:
   *
   * - `user`: `userId`, and perhaps `balance` and `reference`. The balance becomes an entry of kind `opening`; the limits of
   *   charging do not apply.
   * - `product`: the fields of {@link CreateProduct}, with `productId`.
   * - `coupon`: the fields of {@link CreateCoupon}, with `couponId`.
   * - `issued-coupon`: `couponId` and `userId`. The coupon's hours do not apply, its quantity does.
   *
   * `lines` are texts, objects, or the bytes of a file in parts of any size. A line has the effect that it would have after
   * all lines before it; each becomes a command, so guards and middleware see it. A bad line is counted and reported, and
   * the others go on. Empty lines are ignored.
   *
   * An import may run again, also after it was interrupted: lines whose data is there are skipped. The opening balance of a
   * user who is there with another one, or without one, is a bad line.
   * @throws ShopRefusal INVALID_REQUEST (an option is wrong)
   * @throws TypeError if `lines` is not iterable
   * @throws ShopUnavailable if the store does not answer; the lines before are imported
   * @throws the error of `lines`, or of one of your functions
   * @example
   * const report = await shop.import(createReadStream('shop.ndjson'), { onBadLine: console.error })
   */
  import(lines: ImportLines, options?: ImportOptions): Promise<ImportReport>
  /** Commands that are queued or running. */
  readonly queued: number
  /**
   * Rejects new commands with {@link ShopUnavailable}, answers all queued ones, and writes the counted views. The store
   * stays open.
   * @example await shop.close()
   */
  close(): Promise<void>
}

/** Options of {@link Shop.transaction}. */
export interface TransactionOptions {
  /**
   * How long the call may wait before its transaction begins, in milliseconds.
   * @default the `timeoutMs` of the shop's limits
   */
  readonly timeoutMs?: number | undefined
}

/**
 * The commands and reads of a shop inside a transaction of the caller's. Each resolves with its outcome: a refusal is a value.
 * Reads see what the transaction has written.
 */
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
  /** Losses of acknowledged commands. */
  readonly history: HistoryWithin
  /** Runs any command, also one of your own, in the transaction. */
  execute<Input, Result>(
    command: Command<Input, Result>,
    input: Input,
    options?: CallOptions<Result>,
  ): Promise<Outcome<Result>>
}
