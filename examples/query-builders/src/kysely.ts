import type { WithinConnection } from '@shop/adapter-knex'
import { kyselyWithin } from '@shop/adapter-knex/within/kysely'
import type { PlaceOrder, Shop } from '@shop/core'
import type { Kysely } from 'kysely'

export interface Tables {
  gift_notes: { order_id: string; note: string }
}

export const orderOverKysely = (db: Kysely<Tables>, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) =>
  db.transaction().execute(async (trx) => {
    const placed = await shop.within(kyselyWithin(trx)).orders.place(order)
    if (placed.ok) await trx.insertInto('gift_notes').values({ order_id: placed.result.orderId, note }).execute()
    return placed
  })
