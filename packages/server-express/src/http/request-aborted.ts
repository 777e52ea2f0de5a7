import type { IncomingMessage } from 'node:http'

/** The client went away before its request was dealt with: there is no one to answer. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted'
}

/** Throws RequestAborted where nobody can read an answer any more. */
export const checkPresent = ({ socket }: IncomingMessage): void => {
  if (!socket.writable) throw new RequestAborted()
}
