import type { WithinConnection } from '@shop/adapter-knex'
import { prismaWithin } from '@shop/adapter-knex/within/prisma'
import type { PlaceOrder, Shop } from '@shop/core'
import type { PrismaClient } from '#prisma'

export const orderOverPrisma = (prisma: PrismaClient, shop: Shop<WithinConnection>, order: PlaceOrder, note: string) =>
  prisma.$transaction(async (tx) => {
    const placed = await shop.within(prismaWithin(tx)).orders.place(order)
    if (placed.ok) await tx.giftNote.create({ data: { orderId: placed.result.orderId, note } })
    return placed
  })
