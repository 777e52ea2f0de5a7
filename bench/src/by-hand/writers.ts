import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { couponId, productCount, productId, userId } from '../stage/seed.js'
import type { ByHandCommand } from './questions.js'

const orderSql = `insert into shop.orders (order_id, user_id, status, lines, dropped_lines, coupon_id, total_amount,
  discount_amount, final_amount, stock_taken_at, coupon_consumed_at, created_at, expires_at, paid_at, payment_id, events)
  values ($1, $2, 'paid', $3, '[]', null, $4, 0, $4, 'order', 'order', now(), null, now(), $5, 1)`

const eventSql = `insert into shop.events (event_id, type, order_id, sequence, data, at, status, attempts, next_attempt_at)
  values ($1, 'order.paid', $2, 1, $3, now(), 'pending', 0, now())`

const entrySql = `insert into shop.wallet_entries (user_id, sequence, entry_id, kind, amount, balance, order_id, at)
  values ($1, $2, $3, $4, $5, $6, $7, now())`

const salesSql = `insert into shop.recent_sales (time_zone, day, product_ids, sold)
  values ('Asia/Seoul', (now() at time zone 'Asia/Seoul')::date, $1::text[], $2::bigint[])`

interface WalletRow {
  readonly balance: string
  readonly entries: string
}

/** Writes the same rows as the shop, as handwritten code would: prepared statements in sequence, in one transaction. */
export const writersOn = (
  client: pg.Client,
  { users, run }: { readonly users: number; readonly run: string },
): Record<ByHandCommand, () => Promise<unknown>> => {
  let number = 0

  const send = <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    // The text is the name of the statement, so each is prepared once.
    client.query<Row>({ name: text.slice(0, 60), text, values: [...values] })

  const inTransaction = async (work: () => Promise<void>) => {
    await client.query('begin')
    try {
      await work()
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    }
  }

  const lockWallet = async (user: string) => {
    const { rows } = await send<WalletRow>('select balance, entries from shop.wallets where user_id = $1 for update', [
      user,
    ])
    const [wallet] = rows
    if (!wallet) throw new Error(`${user} has no wallet`)
    return { balance: Number(wallet.balance), entries: Number(wallet.entries) }
  }

  const writeWallet = (user: string, balance: number, entries: number) =>
    send('update shop.wallets set balance = $2, entries = $3 where user_id = $1', [user, balance, entries])

  const anyUser = () => userId(1 + Math.floor(Math.random() * users))

  return {
    charge: () =>
      inTransaction(async () => {
        const user = anyUser()
        const { balance, entries } = await lockWallet(user)
        await writeWallet(user, balance + 100, entries + 1)
        await send(entrySql, [user, entries + 1, randomUUID(), 'charge', 100, balance + 100, null])
      }),
    issue: () =>
      inTransaction(async () => {
        number += 1
        const [coupon, user] = [couponId(1), `by-hand-${run}-${number}`]
        const { rows } = await send<{ quantity: string; issued: string }>(
          'select quantity, issued from shop.coupons where coupon_id = $1 for update',
          [coupon],
        )
        const before = await send('select 1 from shop.issued_coupons where coupon_id = $1 and user_id = $2', [
          coupon,
          user,
        ])
        const issued = Number(rows[0]?.issued)
        if (before.rows.length > 0 || issued >= Number(rows[0]?.quantity))
          throw new Error('the coupon cannot be issued')
        await send('update shop.coupons set issued = $2 where coupon_id = $1', [coupon, issued + 1])
        await send('insert into shop.issued_coupons (coupon_id, user_id, issued_at) values ($1, $2, now())', [
          coupon,
          user,
        ])
      }),
    checkout: () =>
      inTransaction(async () => {
        const user = anyUser()
        const first = 1 + Math.floor(Math.random() * (productCount - 2))
        const wanted = [first, first + 1, first + 2].map(productId)
        const { rows } = await send<{ product_id: string; name: string; price: string }>(
          'select product_id, name, price, stock, held from shop.products where product_id = any ($1) order by product_id for update',
          [wanted],
        )
        const { balance, entries } = await lockWallet(user)
        const lines = rows.map(({ product_id, name, price }) => ({
          productId: product_id,
          name,
          unitPrice: Number(price),
          quantity: 1,
          amount: Number(price),
        }))
        const total = lines.reduce((sum, { amount }) => sum + amount, 0)
        const [orderId, paymentId] = [randomUUID(), randomUUID()]
        for (const { productId } of lines) {
          await send('update shop.products set stock = stock - 1 where product_id = $1', [productId])
        }
        await writeWallet(user, balance - total, entries + 1)
        await send(entrySql, [user, entries + 1, randomUUID(), 'payment', -total, balance - total, orderId])
        await send(orderSql, [orderId, user, JSON.stringify(lines), total, paymentId])
        await send(eventSql, [
          randomUUID(),
          orderId,
          JSON.stringify({ orderId, userId: user, lines, finalAmount: total }),
        ])
        await send(salesSql, [lines.map(({ productId }) => productId), lines.map(() => 1)])
      }),
  }
}
