import type { RequestHandler } from 'express'

/** Middleware of one route of the shop: `next()` goes on to the shop. */
export const onlyWithConfirmedEmail: RequestHandler = (request, response, next) => {
  if (request.user?.hasConfirmedEmail) next()
  else response.status(403).json({ error: 'confirm your e-mail address first' })
}
