import { createExpressServer } from '@shop/server-express'
import { startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import { createHost } from './app.js'
import type { PaymentProvider, ReceivedPayment } from './payments.js'
import type { User, Users } from './users.js'

const { DATABASE_URL: databaseUrl, PORT: port = '3000', SESSION_KEY: key = 'only for this machine' } = process.env

const accounts: readonly User[] = [
  { id: 'mina', isStaff: false, hasConfirmedEmail: true },
  { id: 'joon', isStaff: false, hasConfirmedEmail: false },
  { id: 'root', isStaff: true, hasConfirmedEmail: true },
]

/** Every password is `secret`. */
const users: Users = {
  find: async (id) => accounts.find((each) => each.id === id),
  verify: async (name, password) => (password === 'secret' ? users.find(name) : undefined),
}

/** Believes every notification: only for this machine. */
const provider: PaymentProvider = {
  start: async ({ userId, amount }) => `https://pay.example/?user=${userId}&amount=${amount}`,
  verify: (notification) => notification as ReceivedPayment,
  refund: async (paymentId) => console.log(`refunded ${paymentId}`),
}

const postgres = databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir: '.shop-data' }) : undefined
const { app, shop } = await createHost({
  databaseUrl: databaseUrl ?? postgres?.url ?? '',
  users,
  sessionKeys: [key],
  provider,
  report: console.error,
})
// `app.listen(port)` works as well, and answers fewer requests a second.
const server = createExpressServer(app).listen(Number(port), '127.0.0.1', () => {
  console.log(`The shop is at http://127.0.0.1:${port}/shop/docs`)
})

const stop = async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  await closed
  await shop.close()
  await postgres?.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
