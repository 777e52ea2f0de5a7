import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'
import { originForm } from './exchange.js'
import { throwIfAborted } from './request-aborted.js'

/** Maximum number of pipelined requests that wait on one connection. A client that sends more is disconnected. */
const maxWaiting = 16

const waitingRequests = Symbol('pipelined requests that wait for their turn')
const currentResponse = Symbol('the response in progress')

interface Connection extends Socket {
  /** Undefined while the connection is idle. */
  [waitingRequests]?: (() => void)[] | undefined
  [currentResponse]?: ServerResponse | undefined
}

function endTurn(this: ServerResponse): void {
  const connection: Connection = this.req.socket
  connection[currentResponse] = undefined
  const waiting = connection[waitingRequests] ?? []
  // On a closed connection, wake all waiting requests, so that each one aborts.
  const woken = waiting.splice(0, connection.writable ? 1 : waiting.length)
  if (woken.length === 0) connection[waitingRequests] = undefined
  for (const wake of woken) wake()
}

/**
 * Waits until every earlier request of the connection has its response. Node parses pipelined requests as fast
 * as they arrive and would start all of them at once. Throws RequestAborted if the client disconnects
 * meanwhile, or pipelines too many requests.
 */
export const waitForTurn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const connection: Connection = request.socket
  const waiting = connection[waitingRequests]
  if (waiting === undefined) connection[waitingRequests] = []
  else {
    if (waiting.length >= maxWaiting) connection.destroy()
    throwIfAborted(request)
    await new Promise<void>((resolve) => waiting.push(resolve))
    throwIfAborted(request)
  }
  connection[currentResponse] = response
  response.on('close', endTurn)
}

/**
 * Pauses the connection and calls `last` after the response in progress: bytes written earlier would become
 * part of it. Calls it immediately if no response is in progress, or if its request can never complete.
 */
export const afterCurrentResponse = (socket: Duplex, last: () => void): void => {
  const response = (socket as Connection)[currentResponse]
  if (response?.req.complete) {
    socket.pause()
    response.once('close', last)
  } else last()
}

/**
 * Creates a server for an Express application. Use it instead of `http.createServer(app)`, then call `listen`.
 * Express replaces the prototype of every request and response. V8 then loses its optimisations for these
 * objects: most of the cost of Express. This server creates both objects with the final prototype.
 * (docs/decisions/0018-routes-of-express.md)
 * A request without `Host` reaches the application, too: the shop answers it with a problem document.
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
  const options = { requireHostHeader: false, IncomingMessage: AppRequest, ServerResponse: AppResponse }
  return createServer(options, (request, response) => {
    // Node keeps parsing pipelined requests after the connection was destroyed. Ignore them.
    if (request.socket.destroyed) return
    // Express responds by itself to a host that it cannot parse, before any application runs.
    request.url = originForm(request.url ?? '/')
    app(request, response)
  })
}
