import { knexConnection, knexLocks, knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { httpSender, startJobs } from '@shop/server-express/jobs'

const { DATABASE_URL: databaseUrl = '', EVENTS_URL: url = '', EVENTS_SECRET: secret = '' } = process.env

const knex = knexConnection(databaseUrl)
const store = knexStore(knex)
const shop = createShop({ store })

const jobs = startJobs(shop, {
  store,
  locks: knexLocks(knex),
  sender: httpSender({ url, secret }),
  logger: console,
})

const stop = async () => {
  await jobs.stop()
  await shop.close()
  await knex.destroy()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
