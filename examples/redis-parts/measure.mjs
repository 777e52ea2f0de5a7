// Compares a rush for one coupon, and heavy reads of the catalogue, with and without Redis. Needs the built
// packages, DATABASE_URL and REDIS_URL. It writes to both, so use a separate Postgres and Redis.
// node measure.mjs [callers] [coupons] [concurrency]

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { knexConnection, knexSources, knexStore, migrate } from '@shop/adapter-knex'
import { connectRedis, couponGate, productCache } from '@shop/adapter-redis'
import { createShop } from '@shop/core'
import { issueCoupon } from '@shop/core/commands'

const { DATABASE_URL, REDIS_URL } = process.env
if (!DATABASE_URL || !REDIS_URL) {
  console.error('set DATABASE_URL and REDIS_URL')
  process.exit(1)
}
const [callers = 100_000, coupons = 1_000, atOnce = 10_000] = process.argv.slice(2).map(Number)

const schema = `rush_${randomUUID().replaceAll('-', '')}`
const knex = knexConnection(DATABASE_URL, { pool: { max: 10 } })
await migrate(knex, { schema })
const connection = connectRedis(REDIS_URL)
await connection.ready(5_000)

const sources = knexSources(knex, { schema })
const counts = { groups: 0, commands: 0, reads: 0 }
const counted =
  (read) =>
  (...args) => {
    counts.reads += 1
    return read(...args)
  }

const store = knexStore(knex, { schema })
const observer = {
  onGroup({ size }) {
    counts.groups += 1
    counts.commands += size
  },
}
const shop = createShop({ store, observer })
const verdicts = {}
const gate = couponGate({
  redis: connection.redis,
  guard: connection.guard,
  database: counted(sources.database),
  issuedUsers: counted(sources.issuedUsers),
  reads: { coupon: counted(store.reads.coupon), wallet: counted(store.reads.wallet) },
  observer: {
    onVerdict(verdict) {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
    },
  },
})

/** Processor time of the database connections, if the database runs on this Linux machine. */
const databaseCpu = async () => {
  const { rows } = await knex.raw('select pid from pg_stat_activity where datname = current_database()')
  try {
    const ticks = rows.map(({ pid }) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return Number(fields[11]) + Number(fields[12])
    })
    return ticks.reduce((sum, each) => sum + each, 0) / 100
  } catch {
    return Number.NaN
  }
}

const rush = async (subject) => {
  const couponId = randomUUID()
  await shop.coupons.create({
    couponId,
    name: 'Rush',
    discount: { kind: 'fixed', amount: 1_000 },
    quantity: coupons,
    validUntil: Date.now() + 3_600_000,
  })
  for (const name of Object.keys(counts)) counts[name] = 0
  for (const name of Object.keys(verdicts)) delete verdicts[name]
  let next = 0
  let issued = 0
  const caller = async () => {
    while (next < callers) {
      const userId = `user-${next}`
      next += 1
      const { ok } = await subject.execute(issueCoupon, { couponId, userId })
      if (ok) issued += 1
    }
  }
  const databaseBefore = await databaseCpu()
  const cpu = process.cpuUsage()
  const began = performance.now()
  await Promise.all(Array.from({ length: atOnce }, caller))
  await gate.settled()
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return {
    issued,
    'answers/s': Math.round(callers / seconds),
    'commands in the database': counts.commands,
    transactions: counts.groups,
    'plain reads': counts.reads,
    'server CPU s': Number(((user + system) / 1_000_000).toFixed(2)),
    'database CPU s': Number(((await databaseCpu()) - databaseBefore).toFixed(2)),
    ...verdicts,
  }
}

const pages = 20
const listPages = async (subject) => {
  const databaseBefore = await databaseCpu()
  let left = callers / 5
  const reader = async () => {
    while (left > 0) {
      left -= 1
      await subject.products.list({ page: left % pages, size: 10 })
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: 100 }, reader))
  return {
    'pages/s': Math.round(callers / 5 / ((performance.now() - began) / 1_000)),
    'database CPU s': Number(((await databaseCpu()) - databaseBefore).toFixed(2)),
  }
}

try {
  const gated = createShop({ store, observer, middleware: [gate] })
  // The first of each pair warms up.
  for (const [name, subject] of [
    ['without, warming up', shop],
    ['with, warming up', gated],
    ['without the gate', shop],
    ['with the gate', gated],
    ['without the gate', shop],
    ['with the gate', gated],
  ]) {
    console.log(name, await rush(subject))
  }
  const cache = productCache({ redis: connection.redis, guard: connection.guard, database: sources.database })
  const cached = createShop({ store: cache.store(store) })
  for (let number = 0; number < pages * 10; number += 1) {
    await shop.products.create({ name: `Product ${number}`, price: 1_000, stock: 10 })
  }
  for (const [name, subject] of [
    ['pages without, warming up', shop],
    ['pages with, warming up', cached],
    ['pages without the cache', shop],
    ['pages with the cache', cached],
    ['pages without the cache', shop],
    ['pages with the cache', cached],
  ]) {
    console.log(name, await listPages(subject))
  }
} finally {
  await shop.close()
  await connection.close()
  await knex.raw('drop schema ?? cascade', [schema])
  await knex.destroy()
}
