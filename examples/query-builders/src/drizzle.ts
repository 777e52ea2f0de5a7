import type { WithinConnection } from '@shop/adapter-knex'
import { drizzleWithin } from '@shop/adapter-knex/within/drizzle'
import type { PlaceOrder, Shop } from '@shop/core'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'

const giftNotes = pgTable('gift_notes', { orderId: text('order_id').primaryKey(), note: text().notNull() })

export const orderOverDrizzle = (db: NodePgDatabase, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) =>
  db.transaction(async (tx) => {
    const placed = await shop.within(drizzleWithin(tx)).orders.place(order)
    if (placed.ok) await tx.insert(giftNotes).values({ orderId: placed.result.orderId, note })
    return placed
  })
