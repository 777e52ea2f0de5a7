const assert = require('node:assert/strict')
const { knexStore } = require('@shop/adapter-knex')
const { redisLocks } = require('@shop/adapter-redis')
const { createShop } = require('@shop/core')
const { inMemoryStore } = require('@shop/core/in-memory')
const { describeStore } = require('@shop/core/conformance')
const { createServer } = require('@shop/server-express')
const { createShopClient } = require('@shop/server-express/client')
const { startEmbeddedPostgres } = require('@shop/server-express/embedded-postgres')
const { startJobs } = require('@shop/server-express/jobs')

for (const each of [
  knexStore,
  redisLocks,
  describeStore,
  createServer,
  createShopClient,
  startEmbeddedPostgres,
  startJobs,
]) {
  assert.equal(typeof each, 'function')
}

const charge = async () => {
  const shop = createShop({ store: inMemoryStore() })
  await shop.balance.charge({ userId: 'mina', amount: 1_000 })
  assert.deepEqual((await shop.audit()).violations, [])
}

charge()
