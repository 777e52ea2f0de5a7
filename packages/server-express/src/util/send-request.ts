import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/**
 * Sends a request to an http or https URL. Resolves once the response headers arrive. Follows no redirects.
 * Does not decompress the body: `fetch` would decompress any amount.
 */
export const sendRequest = (url: URL, { method, headers, body, signal }: OutgoingRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    request(url, { method, headers: { ...headers, 'accept-encoding': 'identity' }, signal })
      .on('response', resolve)
      .on('error', reject)
      .on('close', () => reject(new Error('the connection was closed without a response')))
      .end(body)
  })
