import { type ChargeBalance, type ChargeView, chargeBalance } from '../commands/wallet/charge-balance.js'
import type { Outcome } from '../engine/outcome.js'
import { type BalanceView, balanceView, type EntryView, entryView } from '../model/wallet.js'
import { id, integer, optional, pageFields } from '../shared/check.js'
import { maxMoney } from '../shared/limits.js'
import type { CallOptions, Execute, Run } from './calls.js'
import { oneMore, type Page, pageOf } from './page.js'
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

/** The prepaid balances of users. */
export interface Balance {
  /**
   * Adds to a user's balance and to its history. The shop collects no money; the caller has already done so.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND | CHARGE_AMOUNT_INVALID | BALANCE_LIMIT_EXCEEDED (the first that
   * applies)
   * @example await shop.balance.charge({ userId, amount: 10_000 }, { idempotency: { scope: userId, key } })
   */
  charge(input: ChargeBalance, options?: CallOptions): Promise<ChargeView>
  /**
   * The user's balance.
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
}

/** The commands of {@link Balance} in a transaction of the caller's: a refusal is a value. */
export interface BalanceWithin {
  /** As {@link Balance.charge}, with the outcome as a value. */
  charge(input: ChargeBalance, options?: CallOptions): Promise<Outcome<ChargeView>>
}

const historyFields = { userId: id, limit: pageFields.limit, before: optional(integer(0, maxMoney)) }

export const balanceOf = (run: Run, { reads }: Reading): Balance => ({
  charge: (input, options) => run(chargeBalance, input, options),
  async get(query) {
    checkQuery(query, { userId: id })
    const { userId } = query
    return balanceView((await reads.wallet(userId)) ?? refuse({ code: 'USER_NOT_FOUND', userId }))
  },
  async history(query) {
    checkQuery(query, historyFields)
    const { userId, limit, before } = query
    const rows = await reads.entries({ userId, before, limit: oneMore({ limit }).limit })
    if (rows.length === 0 && !(await reads.wallet(userId))) refuse({ code: 'USER_NOT_FOUND', userId })
    return pageOf(rows, limit, { item: entryView, position: ({ sequence }) => sequence })
  },
})

export const balanceWithin = (execute: Execute): BalanceWithin => ({
  charge: (input, options) => execute(chargeBalance, input, options),
})
