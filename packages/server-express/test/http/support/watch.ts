import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'

/** What one live event says. */
export interface WatchedEvent {
  readonly event: string | undefined
  readonly id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect its fields
  readonly data: any
}

/** A connection to a live stream. */
export interface Watcher {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly response: IncomingMessage
  text(): string
  events(): readonly WatchedEvent[]
  /** Resolves once the answer has ended, with true if the server ended it in an orderly way. */
  readonly ended: Promise<boolean>
  close(): void
}

const fieldsOf = (block: string): Record<string, string> =>
  Object.fromEntries(
    block
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => line.split(/: ?(.*)/s).slice(0, 2)),
  )

const eventsIn = (text: string): readonly WatchedEvent[] =>
  text
    .split('\n\n')
    .slice(0, -1)
    .map(fieldsOf)
    .filter(({ data }) => data !== undefined)
    .map(({ event, id, data = '' }) => ({ event, id, data: JSON.parse(data) }))

export interface WatchOptions {
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
}

/** Opens the live stream of a product. It is closed when the test ends. */
export const watchProduct = (
  port: number,
  productId: string,
  { method = 'GET', headers = {} }: WatchOptions = {},
): Promise<Watcher> =>
  new Promise((resolve, reject) => {
    const path = `/api/products/${productId}/live`
    const outgoing = request({ host: '127.0.0.1', port, method, path, agent: false, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', () => undefined)
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        response,
        text: () => text,
        events: () => eventsIn(text),
        ended: new Promise((done) => response.once('close', () => done(response.complete))),
        close: () => outgoing.destroy(),
      })
    })
    onTestFinished(() => {
      outgoing.destroy()
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
