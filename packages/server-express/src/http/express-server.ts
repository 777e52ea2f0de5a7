import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Express } from 'express'
import { originForm } from './exchange.js'

/**
 * A server for an Express application, in place of `http.createServer(app)`; it listens with `listen`. Express gives every
 * request and response it is handed the application's own prototype, and an object whose prototype is replaced loses what
 * V8 has learned of its kind: that alone is most of what Express costs. Here they are made with that prototype, so there is
 * nothing left to replace. (docs/decisions/0018)
 */
export const createExpressServer = (app: Express): Server => {
  const { request, response } = app
  class BornRequest extends IncomingMessage {}
  class BornResponse extends ServerResponse {}
  Object.setPrototypeOf(BornRequest.prototype, request)
  Object.setPrototypeOf(BornResponse.prototype, response)
  app.request = BornRequest.prototype as Express['request']
  app.response = BornResponse.prototype as Express['response']
  // Mounted in another application, it gives up the advantage: Express lays its own prototypes over those of the other one.
  app.on('mount', (parent) => {
    app.request = Object.setPrototypeOf(request, (parent as Express).request)
    app.response = Object.setPrototypeOf(response, (parent as Express).response)
  })
  return createServer({ IncomingMessage: BornRequest, ServerResponse: BornResponse }, (born, answer) => {
    // A thousand requests may have come at once: after the one for which the connection was cut off, Node goes on parsing.
    if (born.socket.destroyed) return
    // Of a host that it cannot read, Express makes an answer of its own, before any application.
    born.url = originForm(born.url ?? '/')
    app(born, answer)
  })
}
