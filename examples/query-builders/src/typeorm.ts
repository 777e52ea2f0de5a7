import type { WithinConnection } from '@shop/adapter-knex'
import { typeormWithin } from '@shop/adapter-knex/within/typeorm'
import type { PlaceOrder, Shop } from '@shop/core'
import { type DataSource, EntitySchema } from 'typeorm'

export const giftNotes = new EntitySchema<{ orderId: string; note: string }>({
  name: 'GiftNote',
  tableName: 'gift_notes',
  columns: { orderId: { name: 'order_id', type: 'text', primary: true }, note: { type: 'text' } },
})

export const orderOverTypeorm = (source: DataSource, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) =>
  source.transaction(async (manager) => {
    const placed = await shop.within(typeormWithin(manager.queryRunner)).orders.place(order)
    if (placed.ok) await manager.insert(giftNotes, { orderId: placed.result.orderId, note })
    return placed
  })
