import { isId, isShopRefusal } from '@shop/core'
import { createServer } from '@shop/server-express'
import cookieSession from 'cookie-session'
import express from 'express'

export interface HostOptions {
  readonly databaseUrl: string
  /** When the sale opens: ISO 8601. */
  readonly opensAt: string
  /** How long an unpaid copy is held, in minutes. */
  readonly holdMinutes: number
  /** Signs the cookies of visitors. */
  readonly sessionKey: string
  /** The folder of the built page. */
  readonly page: string
}

/** Sells fifty copies of a print, one a person, from `opensAt` on. Any number of these hosts may share the database. */
export const createHost = async ({ databaseUrl, opensAt, holdMinutes, sessionKey, page }: HostOptions) => {
  const server = await createServer({
    databaseUrl,
    policies: { order: { holdMinutes } },
    authenticate: ({ session }) => session?.['userId'] && { userId: session['userId'], roles: [] },
  })
  const print = { productId: 'print', name: 'Print', price: 30_000, stock: 50, purchaseLimit: 1, opensAt }
  await server.shop.products.create(print).catch((error) => {
    if (!isShopRefusal(error) || error.code !== 'PRODUCT_ALREADY_EXISTS') throw error
  })
  const app = express()
  app.set('trust proxy', 1)
  app.use(cookieSession({ name: 'visitor', keys: [sessionKey], httpOnly: true, sameSite: 'lax' }))
  app.post('/sign-in', express.json(), async ({ body }, response) => {
    if (!isId(body?.name)) return void response.status(400).json({ error: 'a name of letters and digits' })
    // Money to play with: the reference credits it once.
    await server.shop.balance.charge({ userId: body.name, amount: 100_000, reference: `welcome-${body.name}` })
    response.req.session = { userId: body.name }
    response.json({ userId: body.name })
  })
  app.use(express.static(page), server.router)
  return { app, server }
}
