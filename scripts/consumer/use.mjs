import assert from 'node:assert/strict'
import * as knexAdapter from '@shop/adapter-knex'
import * as redisAdapter from '@shop/adapter-redis'
import { createShop } from '@shop/core'
import { describeStore } from '@shop/core/conformance'
import { inMemoryStore } from '@shop/core/in-memory'
import { createServer } from '@shop/server-express'
import { createShopClient } from '@shop/server-express/client'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'

const shop = createShop({ store: inMemoryStore() })
await shop.balance.charge({ userId: 'mina', amount: 1_000 })
assert.deepEqual((await shop.audit()).violations, [])
for (const each of [knexAdapter.knexStore, redisAdapter.redisLocks, describeStore, startEmbeddedPostgres]) {
  assert.equal(typeof each, 'function')
}

const server = await createServer({ store: inMemoryStore(), auth: 'off' })
const { port } = await server.listen(0)
const client = createShopClient({ baseUrl: `http://127.0.0.1:${port}` })
assert.equal((await client.get('/api/products')).total, 0)
await server.close()
