import assert from 'node:assert/strict'
import * as knexAdapter from '@shop/adapter-knex'
import * as redisAdapter from '@shop/adapter-redis'
import * as core from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { describeStore } from '@shop/core/conformance'
import { inMemoryStore } from '@shop/core/in-memory'
import * as storeEntry from '@shop/core/store'
import { given } from '@shop/core/testing'
import { createServer } from '@shop/server-express'
import { createShopClient } from '@shop/server-express/client'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { startJobs } from '@shop/server-express/jobs'

const shop = core.createShop({ store: inMemoryStore() })
await shop.balance.charge({ userId: 'mina', amount: 1_000 })
assert.deepEqual((await shop.audit()).violations, [])

// The entries are one package: they share every class, so that `instanceof` holds across them.
assert.equal(storeEntry.isStoreError, core.isStoreError)
const conflict = new storeEntry.StoreError('rejected', 'from the entry for stores')
assert.ok(core.isStoreError(conflict))
const failing = { ...inMemoryStore(), transact: () => Promise.reject(conflict) }
const charged = core.createShop({ store: failing }).balance.charge({ userId: 'mina', amount: 1 })
assert.equal(await charged.catch((error) => error), conflict)
const issued = { userId: 'mina', couponId: 'none' }
assert.equal((await shop.execute(issueCoupon, issued)).refusal.code, 'COUPON_NOT_FOUND')
given().when(issueCoupon, issued).thenRefused('COUPON_NOT_FOUND')
const refused = await shop.coupons.issue(issued).catch((error) => error)
assert.ok(refused instanceof core.ShopRefusal && core.isShopRefusal(refused))
for (const each of [knexAdapter.knexStore, redisAdapter.redisLocks, describeStore, startEmbeddedPostgres]) {
  assert.equal(typeof each, 'function')
}

const server = await createServer({ store: inMemoryStore(), auth: 'off' })
const { port } = await server.listen(0)
const client = createShopClient({ baseUrl: `http://127.0.0.1:${port}` })
assert.equal((await client.get('/api/products')).total, 0)
await server.close()

const store = inMemoryStore()
const jobs = startJobs(core.createShop({ store }), { store })
await jobs.stop()
