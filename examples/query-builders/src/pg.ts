import type { WithinConnection } from '@shop/adapter-knex'
import { pgWithin } from '@shop/adapter-knex/within/pg'
import type { PlaceOrder, Shop } from '@shop/core'
import type { Pool } from 'pg'

export const orderOverPg = async (pool: Pool, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const placed = await shop.within(pgWithin(client)).orders.place(order)
    if (placed.ok) await client.query('insert into gift_notes values ($1, $2)', [placed.result.orderId, note])
    await client.query('commit')
    return placed
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}
