import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Delivery {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly event: { readonly id: string; readonly type: string; readonly subject: string; readonly data: Data }
  readonly method: string | undefined
  readonly url: string | undefined
}

interface Data {
  readonly sequence: number
  readonly status: string
}

export interface Platform {
  readonly url: string
  readonly deliveries: readonly Delivery[]
  /** Sets the response of future deliveries. */
  answer(how: (delivery: Delivery, response: ServerResponse) => void): void
  /** Resolves once the deliveries satisfy the condition. The timeout of the test bounds the wait. */
  until(condition: (deliveries: readonly Delivery[]) => boolean): Promise<void>
  close(): Promise<void>
}

export const platformSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const answerWith =
  (status: number, headers: Record<string, string> = {}) =>
  (_delivery: Delivery, response: ServerResponse): void => {
    response.writeHead(status, headers).end()
  }

/** A data platform that records its deliveries. */
export const openPlatform = async (): Promise<Platform> => {
  const deliveries: Delivery[] = []
  let how: Parameters<Platform['answer']>[0] = answerWith(204)
  let waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      const { headers, method, url } = request
      const delivery = { headers, method, url, text, event: JSON.parse(text) as Delivery['event'] }
      deliveries.push(delivery)
      how(delivery, response)
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/events`,
    deliveries,
    answer: (next) => {
      how = next
    },
    until: async (condition) => {
      while (!condition(deliveries)) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
