import type { WithinConnection } from '@shop/adapter-knex'
import { postgresJsWithin } from '@shop/adapter-knex/within/postgres-js'
import type { PlaceOrder, Shop } from '@shop/core'
import type { Sql } from 'postgres'

export const orderOverPostgresJs = (db: Sql, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) =>
  db.begin(async (sql) => {
    const placed = await shop.within(postgresJsWithin(sql)).orders.place(order)
    if (placed.ok) await sql`insert into gift_notes values (${placed.result.orderId}, ${note})`
    return placed
  })
