import type { FetchImplementation } from 'jose'
import { isEncoded } from '../util/content-encoding.js'
import { sendRequest } from '../util/send-request.js'

const maxBytes = 1_048_576

/**
 * Reads a key set in place of `fetch`. Rejects where it comes compressed, or has more than 1 MB: a server that answers for the
 * key set must not fill the memory of this server.
 */
export const fetchKeySet: FetchImplementation = async (url, { headers, signal }) => {
  const response = await sendRequest(new URL(url), { method: 'GET', headers: Object.fromEntries(headers), signal })
  try {
    if (isEncoded(response.headers['content-encoding'])) throw new Error('the key set comes compressed')
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`the key set has more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return new Response(Buffer.concat(chunks), { status: response.statusCode ?? 0 })
  } catch (error) {
    response.destroy()
    throw error
  }
}
