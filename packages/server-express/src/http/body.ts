import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { isEncoded } from '../util/content-encoding.js'
import { refuse } from './problem.js'
import { RequestAborted } from './request-aborted.js'

export const maxBodyBytes = 102_400

/** True for `application/json` with no charset, or with charset UTF-8. */
export const isJson = (header: string | undefined): boolean => {
  if (header === 'application/json') return true
  const [type, ...parameters] = (header ?? '').toLowerCase().split(';')
  return (
    type?.trim() === 'application/json' &&
    parameters.every((parameter) => {
      const [name = '', value = '', ...more] = parameter.trim().split('=')
      if (name === '') return value === ''
      return more.length === 0 && value !== '' && (name !== 'charset' || value.replace(/^"(.*)"$/, '$1') === 'utf-8')
    })
  )
}

/** A chunk may hold a single byte but takes about a hundred bytes of memory, so chunks are joined after this many. */
const maxChunks = 64

const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (request.destroyed) throw new RequestAborted()
    let chunks: Buffer[] = []
    let size = 0
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      finish()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) settle(() => reject(refuse('PAYLOAD_TOO_LARGE')))
      else if (chunks.push(chunk) === maxChunks) chunks = [Buffer.concat(chunks)]
    }
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    const onClose = () => settle(() => reject(new RequestAborted()))
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** A body that a parser of the host has read. */
interface ParsedByHost extends IncomingMessage {
  readonly body?: unknown
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

const parseJson = (body: Buffer): Parsed => {
  if (!isUtf8(body)) return { ok: false, message: 'is not UTF-8' }
  try {
    return { ok: true, value: JSON.parse(body.toString()) }
  } catch {
    return { ok: false, message: 'is not JSON' }
  }
}

const parsedByHost = ({ body, headers }: ParsedByHost): Parsed | undefined => {
  if (Buffer.isBuffer(body)) return body.length === 0 ? undefined : parseJson(body)
  if (typeof body === 'string') return body === '' ? undefined : parseJson(Buffer.from(body))
  if (body !== undefined) return { ok: true, value: body }
  if (Number(headers['content-length'] ?? 0) > 0)
    throw new Error('the body was read before, and request.body is not set: mount the shop before that reader')
  return undefined
}

/**
 * The JSON value of a request's body; undefined if it has none. A body that the host's parser has read is taken as it is.
 * The rest of a body that is too large is discarded, so that its sender reads the answer.
 * @throws RequestRefused PAYLOAD_TOO_LARGE | UNSUPPORTED_MEDIA_TYPE (first that applies; an encoded body is not read)
 */
export const readBody = async (request: ParsedByHost): Promise<Parsed | undefined> => {
  const { headers } = request
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes) throw refuse('PAYLOAD_TOO_LARGE')
  // Nothing here decompresses: a small compressed body can be huge in memory, and needs no token.
  if (isEncoded(headers['content-encoding'])) throw refuse('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' })
  if (!hasBody(request)) return undefined
  if (request.readableEnded) {
    if (!isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
    return parsedByHost(request)
  }
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  if (!isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
  return parseJson(bytes)
}
