import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { isEncoded } from '../util/content-encoding.js'
import { refuse } from './problem.js'
import { RequestAborted } from './request-aborted.js'

export const maxBodyBytes = 102_400

/** True for JSON whose charset, where it is named, is UTF-8. */
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

/** A piece of a body may be a single byte, and takes a hundred times that: so many are joined. */
const maxPieces = 64

const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (request.readableEnded)
      throw new Error('somebody has read the body before: mount the shop in front of body parsers')
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
      else if (chunks.push(chunk) === maxPieces) chunks = [Buffer.concat(chunks)]
    }
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    const onClose = () => settle(() => reject(new RequestAborted()))
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/**
 * The bytes of a request's body; nothing where it has none. Refused: PAYLOAD_TOO_LARGE, then UNSUPPORTED_MEDIA_TYPE, for
 * an encoded body before anything of it is read. What is left of a body that is too large runs into the void, so that its
 * sender gets to read the answer.
 */
export const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const { headers } = request
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes) throw refuse('PAYLOAD_TOO_LARGE')
  // Nothing here inflates a body: one that is small on its way and huge in memory takes no token to send.
  if (isEncoded(headers['content-encoding'])) throw refuse('UNSUPPORTED_MEDIA_TYPE', { 'accept-encoding': 'identity' })
  if (!hasBody(request)) return undefined
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  if (!isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
  return bytes
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

export const parseJson = (body: Buffer): Parsed => {
  if (!isUtf8(body)) return { ok: false, message: 'is not UTF-8' }
  try {
    return { ok: true, value: JSON.parse(body.toString()) }
  } catch {
    return { ok: false, message: 'is not JSON' }
  }
}
