import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { checkPresent } from './request-aborted.js'

/** So many requests of a connection may wait. A client that sends more ahead of its answers is cut off. */
const maxWaiting = 16

const waitingRequests = Symbol('requests that wait for their turn')
const underWay = Symbol('the answer whose turn it is')

interface Connection extends Socket {
  /** Nothing while no request of the connection is being answered. */
  [waitingRequests]?: (() => void)[] | undefined
  [underWay]?: ServerResponse | undefined
}

function endTurn(this: ServerResponse): void {
  const connection: Connection = this.req.socket
  connection[underWay] = undefined
  const waiting = connection[waitingRequests] ?? []
  // Those that wait on a connection that is gone hear so by waking up.
  const woken = waiting.splice(0, connection.writable ? 1 : waiting.length)
  if (woken.length === 0) connection[waitingRequests] = undefined
  for (const wake of woken) wake()
}

/**
 * Waits until every earlier request of the connection is answered. Node reads requests as fast as they are sent ahead, and
 * would begin them all at once. Throws RequestAborted where the client is gone by then, or sends too many ahead.
 */
export const itsTurn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const connection: Connection = request.socket
  const waiting = connection[waitingRequests]
  if (waiting === undefined) connection[waitingRequests] = []
  else {
    if (waiting.length >= maxWaiting) connection.destroy()
    checkPresent(request)
    await new Promise<void>((resolve) => waiting.push(resolve))
    checkPresent(request)
  }
  connection[underWay] = response
  response.on('close', endTurn)
}

/**
 * Reads nothing more of a connection, and does `last` there once the request whose turn it is has its answer: whatever is
 * written before that would be taken for it. At once where there is no such request, or where it can never come whole.
 */
export const afterAnswer = (socket: Duplex, last: () => void): void => {
  const response = (socket as Connection)[underWay]
  if (response?.req.complete) {
    socket.pause()
    response.once('close', last)
  } else last()
}
