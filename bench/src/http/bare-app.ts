import express from 'express'

/** The minimum that an Express server does for a JSON request: it parses the body and sends a constant response. */
export const bareExpress = (): express.Express => {
  const app = express()
  app.use(express.json())
  const answer: express.RequestHandler = (_, response) => void response.json({ ok: true })
  app.post('/api/coupon/issue', answer)
  app.post('/api/balance/charge', answer)
  app.post('/api/orders', answer)
  app.get('/api/products/top', answer)
  app.get('/api/products/:productId', answer)
  return app
}
