import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { isOfOrder, readEvent } from './event.js'
import type { Inbox } from './inbox.js'

const mostBytes = 1_000_000

/** The raw body: a signature covers bytes, not parsed JSON. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The response status of a delivery. Any status but 2xx causes a retry, so only stored events are acknowledged. */
const receive = async (request: IncomingMessage, inbox: Inbox, webhook: Webhook): Promise<number> => {
  if (request.method !== 'POST') return 405
  const body = await bodyOf(request)
  if (body === undefined) return 413
  let content: unknown
  try {
    content = webhook.verify(body, request.headers as Record<string, string>)
  } catch {
    return 401
  }
  // What the ledger does not need is acknowledged, too: a refused event would hold back later ones of its subject.
  if (!isOfOrder(content)) return 204
  const event = readEvent(content)
  if (!event) return 422
  inbox.take(event)
  return 204
}

/** Receives the shop's events. `secret` is the signing secret of the server. */
export const createReceiver = (inbox: Inbox, secret: string): Server => {
  const webhook = new Webhook(secret)
  return createServer((request, response) => {
    receive(request, inbox, webhook).then(
      (status) => response.writeHead(status, status === 413 ? { connection: 'close' } : {}).end(),
      () => response.writeHead(503).end(),
    )
  })
}
