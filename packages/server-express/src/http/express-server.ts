import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Express } from 'express'
import { originForm } from './exchange.js'

/**
 * Creates a server for an Express application. Use it instead of `http.createServer(app)`, then call `listen`.
 * Express replaces the prototype of every request and response. V8 then loses its optimisations for these
 * objects: most of the cost of Express. This server creates both objects with the final prototype.
 * (docs/decisions: requests are born as Express wants them)
 */
export const createExpressServer = (app: Express): Server => {
  const { request: requestPrototype, response: responsePrototype } = app
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, requestPrototype)
  Object.setPrototypeOf(AppResponse.prototype, responsePrototype)
  app.request = AppRequest.prototype as Express['request']
  app.response = AppResponse.prototype as Express['response']
  // In a parent application, restore the original prototypes: Express links them to those of the parent.
  app.on('mount', (parent) => {
    app.request = Object.setPrototypeOf(requestPrototype, (parent as Express).request)
    app.response = Object.setPrototypeOf(responsePrototype, (parent as Express).response)
  })
  return createServer({ IncomingMessage: AppRequest, ServerResponse: AppResponse }, (request, response) => {
    // Node keeps parsing pipelined requests after the connection was destroyed. Ignore them.
    if (request.socket.destroyed) return
    // Express responds by itself to a host that it cannot parse, before any application runs.
    request.url = originForm(request.url ?? '/')
    app(request, response)
  })
}
