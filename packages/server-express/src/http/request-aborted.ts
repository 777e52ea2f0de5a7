import type { IncomingMessage } from 'node:http'

/** The client disconnected before its request was handled. No response is sent. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted'
}

/** Throws RequestAborted if the client has disconnected. */
export const throwIfAborted = ({ socket }: IncomingMessage): void => {
  if (!socket.writable) throw new RequestAborted()
}
