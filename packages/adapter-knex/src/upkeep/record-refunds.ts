import { netAmounts, type Order, type Refund } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { assertCommitted, commit, type Session } from '../database/session.js'
import { fromInstant, plain, prepared } from '../database/statement.js'
import { encode, rowsFrom, stored, text } from '../rows/column.js'

/** Orders in one transaction. */
const batch = 200

/** The entry of the only refund of an order: id, amount and time. */
export const refundEntry = (entries: string, orderId: string): string =>
  `(select json_build_array(e.entry_id, e.amount, ${fromInstant('e.at')}) from ${entries} e
    where e.order_id = ${orderId} and e.kind = 'refund' limit 1)`

/** The refund of everything that a server of the release before has left without a record, from its entry. */
export const refundOfAll = (
  order: Pick<Order, 'lines' | 'discountAmount' | 'discountedProductIds'>,
  entry: string,
): Refund => {
  const [refundId, amount, at] = JSON.parse(entry) as [string, number, number]
  const nets = netAmounts(order)
  const lines = order.lines.map(({ productId, quantity }, index) => ({
    productId,
    quantity,
    amount: nets[index] as number,
  }))
  return { refundId, amount, bonusAmount: 0, lines, restocked: true, reason: null, reference: null, at }
}

const isUnknown = (row: string): string => `${row}.status = 'refunded' and ${row}.refunds is null`

const columns = [text('order_id'), { name: 'refunds', kind: 'jsonb' }] as const

/**
 * Records the refunds of servers of the release before: they refund whole orders, and know no other record than the entry.
 * Skips orders that a command has locked. Resolves with how many were recorded.
 */
export const recordRefundsOn = ({ names, borrow }: Database): (() => Promise<number>) => {
  const begin = plain('begin isolation level read committed')
  const find = prepared(
    `select o.order_id, o.lines, o.discount_amount, o.discounted_product_ids, ${refundEntry(names.wallet_entries, 'o.order_id')}
     from ${names.orders} o where ${isUnknown('o')} and o.order_id > $1::text
     order by o.order_id limit ${batch} for no key update of o skip locked`,
  )
  const record = prepared(
    `update ${names.orders} o set refunded_amount = o.final_amount, refunds = ${stored('jsonb', 'n.refunds')}
     from ${rowsFrom(columns, 'n')} where o.order_id = n.order_id`,
  )
  const recordSome = async (session: Session, after: string): Promise<{ count: number; last: string | undefined }> => {
    await session.send(session.beginning(begin))
    const { rows } = await session.send(find, [after])
    const found = rows.flatMap(([orderId, lines, discountAmount, discounted, entry]) => {
      if (!entry) return []
      const order = {
        lines: JSON.parse(lines as string),
        discountAmount: Number(discountAmount),
        discountedProductIds: discounted ? JSON.parse(discounted) : null,
      }
      return [{ orderId, refunds: [refundOfAll(order, entry)] }]
    })
    if (found.length > 0) {
      await session.send(record, [
        encode('text', found, ({ orderId }) => orderId),
        encode('jsonb', found, ({ refunds }) => refunds),
      ])
    }
    assertCommitted(await session.send(commit))
    return { count: found.length, last: rows.length < batch ? undefined : (rows.at(-1)?.[0] ?? undefined) }
  }
  const next = (after: string) =>
    borrow(async (session) => {
      try {
        return await recordSome(session, after)
      } catch (error) {
        await session.rollBack()
        throw error
      }
    })
  return async () => {
    let recorded = 0
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { count, last } = await next(after)
      recorded += count
      after = last
    }
    return recorded
  }
}
