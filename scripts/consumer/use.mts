import { knexConnection, knexStore } from '@shop/adapter-knex'
import { connectRedis, redisLocks } from '@shop/adapter-redis'
import { createShop, isShopRefusal, type Policies, resolvePolicies, type Shop } from '@shop/core'
import { describeStore } from '@shop/core/conformance'
import { inMemoryStore } from '@shop/core/in-memory'
import { manualClock } from '@shop/core/testing'
import { createServer, type ServerOptions } from '@shop/server-express'
import { createShopClient, isShopProblem } from '@shop/server-express/client'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { type Jobs, startJobs } from '@shop/server-express/jobs'

const policies: Policies = resolvePolicies('one-call')
export const shop: Shop = createShop({ store: inMemoryStore(), policies })
export const onPostgres = (url: string) => createShop({ store: knexStore(knexConnection(url)) })
export const locks = (url: string) => redisLocks([connectRedis(url)])
export const options: Pick<ServerOptions, 'auth'> = { auth: 'off' }
export const others = { createServer, describeStore, isShopRefusal, manualClock, startEmbeddedPostgres }
export const jobs = (): Jobs => startJobs(shop, { store: inMemoryStore() })

export const price = async (): Promise<number | undefined> => {
  try {
    const { products } = await createShopClient({ baseUrl: 'http://127.0.0.1' }).get('/api/products')
    return products[0]?.price
  } catch (error) {
    return isShopProblem(error, 'UNAVAILABLE') ? undefined : 0
  }
}
