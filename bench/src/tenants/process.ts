import { createShops, type ShopsServer } from '@shop/server-express'
import { drive } from '../figures/drive.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import type { TenantsAnswer, TenantsOptions, TenantsQuestion } from './questions.js'
import { policies } from './stage.js'

const { databases, shops, secret } = argumentOfParent<TenantsOptions>()

const known = new Map(shops.map((shop) => [shop.shopId, shop]))

const server: ShopsServer = await createShops({
  locate: async (shopId) => {
    const shop = known.get(shopId)
    return shop && { database: databases[shop.database], schema: shop.schema, policies }
  },
  list: async () => [...known.keys()],
  auth: { secret },
  maxOpen: shops.length + 1,
  // Opening takes longer than a shop may be idle where there are many.
  idleMs: 3_600_000,
})

const collect = (): { readonly heap: number; readonly resident: number } => {
  if (!global.gc) throw new Error('the process needs --expose-gc')
  for (let pass = 0; pass < 3; pass += 1) global.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 1_000))

/** The first shops have loaded every module and opened every connection. */
const warmUp = 20

const openAll = async (): Promise<TenantsAnswer> => {
  const ids = [...known.keys()]
  const first = Math.min(warmUp, ids.length >> 1)
  for (const shopId of ids.slice(0, first)) await server.shop(shopId)
  await settled()
  const before = collect()
  const began = performance.now()
  for (const shopId of ids.slice(first)) await server.shop(shopId)
  const ms = performance.now() - began
  await settled()
  const after = collect()
  const count = ids.length - first
  return {
    kind: 'opened',
    heapPerShop: (after.heap - before.heap) / count,
    residentPerShop: (after.resident - before.resident) / count,
    msPerShop: ms / count,
  }
}

const productId = 'mug'

const prepare = async (shopIds: readonly string[]): Promise<TenantsAnswer> => {
  for (const shopId of shopIds) {
    const shop = await server.shop(shopId)
    await shop.products.create({ productId, name: 'Mug', price: 100, stock: 1_000_000_000 })
  }
  return { kind: 'prepared' }
}

const order = async (shopId: string, userId: string): Promise<void> => {
  const shop = await server.shop(shopId)
  await shop.orders.place({ userId, products: [{ productId, quantity: 1 }] })
}

const answer = async (question: TenantsQuestion): Promise<TenantsAnswer> => {
  switch (question.kind) {
    case 'open':
      return openAll()
    case 'prepare':
      return prepare(question.shopIds)
    case 'orders': {
      const { shopIds, callers, ms } = question
      const shopOf = (caller: number) => shopIds[caller % shopIds.length] ?? ''
      return { kind: 'ordered', ...(await drive((caller) => order(shopOf(caller), `user${caller}`), { callers, ms })) }
    }
  }
}

answerParent(answer, () => server.close())
