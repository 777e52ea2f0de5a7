import { createLogger, createServer } from '@shop/server-express'
import express from 'express'
import { argumentOfParent } from '../processes/answer-parent.js'
import { answerWithPort } from './answer-with-port.js'

export interface MountedHostOptions {
  readonly url: string
  readonly secret: string
}

const { url, secret } = argumentOfParent<MountedHostOptions>()

const shop = await createServer({
  databaseUrl: url,
  auth: { secret },
  policies: { charge: { balanceLimit: 10 ** 15 } },
  logger: createLogger('info', process.stdout),
  // The server beside this host runs them.
  scheduler: false,
})

/** An application as a team has it: `app.listen`, its own middleware and routes, and the shop's router. */
const app = express()
app.use((_request, _response, next) => next())
app.get('/mine', (_request, response) => void response.send('mine'))
app.use(shop.router)
app.use((_request, response) => void response.sendStatus(404))

answerWithPort(app.listen(0, '127.0.0.1'), () => shop.close())
