import { createServer } from '@shop/server-express'
import express from 'express'
import { onlyWithConfirmedEmail } from './confirmed-email.js'
import { errorPage, notFoundPage } from './pages.js'
import { type PaymentProvider, receivePayment, startPayment } from './payments.js'
import { signIn, type Users } from './users.js'

export interface HostOptions {
  readonly databaseUrl: string
  readonly users: Users
  /** The first one signs session cookies; the others are still accepted. */
  readonly sessionKeys: readonly string[]
  readonly provider: PaymentProvider
  /** Told of every bug. */
  readonly report: (error: unknown) => void
}

/** An application with its own sessions, routes and pages, and with a shop under `/shop`. */
export const createHost = async ({ databaseUrl, users, sessionKeys, provider, report }: HostOptions) => {
  const shop = await createServer({
    databaseUrl,
    authenticate: ({ user }) => user && { userId: user.id, roles: user.isStaff ? ['admin'] : [] },
    rateLimit: 300,
    routes: {
      at: { 'POST /api/orders': [onlyWithConfirmedEmail] },
      replace: { 'POST /api/balance/charge': startPayment(provider), 'GET /metrics': false },
      errors: 'next',
    },
  })

  const app = express()
  // One proxy is in front of this application. The rate limit of the shop uses this setting.
  app.set('trust proxy', 1)
  app.use(signIn(users, sessionKeys))
  app.get('/', ({ user }, response) => void response.send(user ? `Hello ${user.id}\n` : 'Hello\n'))
  app.use('/shop', shop.router)
  // The shop passes on each request that it has no route for.
  app.get('/shop/opening-hours', (_request, response) => void response.json({ from: 9, to: 18 }))
  app.post('/paid', ...receivePayment(shop.shop, provider))
  app.use(notFoundPage, errorPage(report))
  return { app, shop }
}
