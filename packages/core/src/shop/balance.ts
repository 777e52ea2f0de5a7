import { type AdjustBalance, adjustBalance } from '../commands/wallet/adjust-balance.js'
import { type ChargeBalance, chargeBalance } from '../commands/wallet/charge-balance.js'
import { type GrantBonus, grantBonus } from '../commands/wallet/grant-bonus.js'
import { type WithdrawBalance, withdrawBalance } from '../commands/wallet/withdraw-balance.js'
import type { Outcome } from '../engine/outcome.js'
import { reference } from '../model/reference.js'
import {
  type BalanceChangeView,
  type BalanceView,
  balanceView,
  type EntryKind,
  type EntryView,
  entryKinds,
  entryView,
  type GrantView,
  type UserEntryView,
  userEntryView,
  walletAt,
} from '../model/wallet.js'
import { id, integer, oneOf, optional, pageFields } from '../shared/check.js'
import { maxMoney } from '../shared/limits.js'
import { asOutcome, type CallOptions, type Execute, never, type Run } from './calls.js'
import { oneMore, type Page, type PageQuery, pageOf } from './page.js'
import { checkQuery, type Reading, refuse } from './reading.js'

/** Input of {@link Balance.get}. */
export interface GetBalance {
  /** The user's id. */
  readonly userId: string
}

/** Input of {@link Balance.history}. */
export interface GetBalanceHistory {
  /** The user's id. */
  readonly userId: string
  /**
   * The most entries to show, 1 to 100.
   * @default 20
   */
  readonly limit?: number | undefined
  /**
   * The `next` of the page before.
   * @default the newest entry
   */
  readonly before?: number | undefined
}

/** Input of {@link Balance.entries}. */
export interface ListEntries extends PageQuery {
  /**
   * Only entries of this kind.
   * @default entries of every kind
   */
  readonly kind?: EntryKind | undefined
  /**
   * Only entries of requests with this reference.
   * @default entries with and without a reference
   */
  readonly reference?: string | undefined
}

/** The prepaid balances of users. */
export interface Balance {
  /**
   * Adds paid money to a user's balance. The shop collects no money; the caller has already done so. With a `reference`,
   * for example the payment provider's, the money is added once, however late and however often the call comes again.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | USER_NOT_FOUND | CHARGE_AMOUNT_INVALID |
   * BALANCE_LIMIT_EXCEEDED (the first that applies)
   * @example await shop.balance.charge({ userId, amount: 10_000, reference: 'toss-pay-8f21' })
   */
  charge(input: ChargeBalance, options?: CallOptions<BalanceChangeView>): Promise<BalanceChangeView>
  /**
   * Adds a lot of bonus money, with or without an end. It can be spent, but not withdrawn.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | USER_NOT_FOUND | BALANCE_LIMIT_EXCEEDED |
   * BONUS_LOTS_EXCEEDED (the first that applies)
   * @example await shop.balance.grant({ userId, amount: 2_000, expiresAt: '2030-01-01T00:00:00Z', reason: 'welcome' })
   */
  grant(input: GrantBonus, options?: CallOptions<GrantView>): Promise<GrantView>
  /**
   * Takes paid money out of a balance, to be paid out. Bonus money stays.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | USER_NOT_FOUND | BALANCE_INSUFFICIENT (the first that applies)
   * @example await shop.balance.withdraw({ userId, amount: 5_000, reason: 'account closed' })
   */
  withdraw(input: WithdrawBalance, options?: CallOptions<BalanceChangeView>): Promise<BalanceChangeView>
  /**
   * Corrects the paid money of a balance in either direction. The limits of charging do not apply.
   * @throws ShopRefusal INVALID_REQUEST | REFERENCE_REUSED | USER_NOT_FOUND | BALANCE_LIMIT_EXCEEDED |
   * BALANCE_INSUFFICIENT (the first that applies)
   * @example await shop.balance.adjust({ userId, change: -3_000, reason: 'charged twice' })
   */
  adjust(input: AdjustBalance, options?: CallOptions<BalanceChangeView>): Promise<BalanceChangeView>
  /**
   * The user's balance, by the clock: without bonus money that has ended.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND (before the wallet is opened)
   * @example const { balance } = await shop.balance.get({ userId: 'mina' })
   */
  get(query: GetBalance): Promise<BalanceView>
  /**
   * The history of the user's balance, newest entry first.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND (before the wallet is opened)
   * @example const { items, next } = await shop.balance.history({ userId: 'mina', limit: 50 })
   */
  history(query: GetBalanceHistory): Promise<Page<EntryView, number>>
  /**
   * Entries of all users, newest first.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { items } = await shop.balance.entries({ kind: 'charge', reference: 'toss-pay-8f21' })
   */
  entries(query?: ListEntries): Promise<Page<UserEntryView>>
}

/** The commands of {@link Balance} in a transaction of the caller's: a refusal is a value. */
export interface BalanceWithin {
  /** As {@link Balance.charge}, with the outcome as a value. */
  charge(input: ChargeBalance, options?: CallOptions<BalanceChangeView>): Promise<Outcome<BalanceChangeView>>
  /** As {@link Balance.grant}, with the outcome as a value. */
  grant(input: GrantBonus, options?: CallOptions<GrantView>): Promise<Outcome<GrantView>>
  /** As {@link Balance.withdraw}, with the outcome as a value. */
  withdraw(input: WithdrawBalance, options?: CallOptions<BalanceChangeView>): Promise<Outcome<BalanceChangeView>>
  /** As {@link Balance.adjust}, with the outcome as a value. */
  adjust(input: AdjustBalance, options?: CallOptions<BalanceChangeView>): Promise<Outcome<BalanceChangeView>>
  /** As {@link Balance.get}, with the outcome as a value. */
  get(query: GetBalance): Promise<Outcome<BalanceView>>
  /** As {@link Balance.history}, with the outcome as a value. */
  history(query: GetBalanceHistory): Promise<Outcome<Page<EntryView, number>>>
  /** As {@link Balance.entries}, with the outcome as a value. */
  entries(query?: ListEntries): Promise<Outcome<Page<UserEntryView>>>
}

const entriesFields = { ...pageFields, kind: optional(oneOf(entryKinds)), reference: optional(reference) }

const historyFields = { userId: id, limit: pageFields.limit, before: optional(integer(0, maxMoney)) }

export const balanceOf = (run: Run, { reads, currency }: Reading): Balance => ({
  charge: (input, options) => run(chargeBalance, input, options),
  grant: (input, options) => run(grantBonus, input, options),
  withdraw: (input, options) => run(withdrawBalance, input, options),
  adjust: (input, options) => run(adjustBalance, input, options),
  async get(query) {
    checkQuery(query, { userId: id })
    const { userId } = query
    const { now, found } = await reads.wallet(userId)
    return balanceView(walletAt(found ?? refuse({ code: 'USER_NOT_FOUND', userId }), now), { currency })
  },
  async history(query) {
    checkQuery(query, historyFields)
    const { userId, limit, before } = query
    const rows = await reads.entries({ userId, before, limit: oneMore({ limit }).limit })
    if (rows.length === 0 && !(await reads.wallet(userId)).found) refuse({ code: 'USER_NOT_FOUND', userId })
    return pageOf(rows, limit, {
      item: (entry) => entryView(entry, { currency }),
      position: ({ sequence }) => sequence,
    })
  },
  async entries(query = {}) {
    checkQuery(query, entriesFields)
    const rows = await reads.allEntries(oneMore(query))
    return pageOf(rows, query.limit, {
      item: (entry) => userEntryView(entry, { currency }),
      position: ({ at, entryId }) => ({ at, id: entryId }),
    })
  },
})

export const balanceWithin = (execute: Execute, reading: Reading): BalanceWithin => {
  const own = balanceOf(never, reading)
  return {
    charge: (input, options) => execute(chargeBalance, input, options),
    grant: (input, options) => execute(grantBonus, input, options),
    withdraw: (input, options) => execute(withdrawBalance, input, options),
    adjust: (input, options) => execute(adjustBalance, input, options),
    get: asOutcome(own.get),
    history: asOutcome(own.history),
    entries: asOutcome(own.entries),
  }
}
