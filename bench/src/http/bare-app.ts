import express from 'express'

/** The least that an Express server does for a JSON request: the body is parsed, the answer is always the same. */
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
