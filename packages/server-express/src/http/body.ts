import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { refuse } from './problem.js'

/** After decompression. */
const maxBodyBytes = 102_400

/** A compressed body may be a little larger than what it holds. */
export const maxCompressedBytes = maxBodyBytes + 4_096

const decompressors = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

type Encoding = keyof typeof decompressors | 'identity'

/** The caller went away before its body was here: nobody is left to answer. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted'
}

/** The bytes of a body, or that they could not be decompressed: that is told after the caller is known. */
export type Body = Buffer | 'broken'

const encodingOf = (header: string | undefined): Encoding | undefined => {
  if (header === undefined) return 'identity'
  const name = header.trim().toLowerCase()
  return name === 'identity' || Object.hasOwn(decompressors, name) ? (name as Encoding) : undefined
}

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

const readBytes = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (request.readableEnded)
      throw new Error('somebody has read the body before: mount the shop in front of body parsers')
    if (request.destroyed) throw new RequestAborted()
    const chunks: Buffer[] = []
    let size = 0
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      finish()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else settle(() => reject(refuse('PAYLOAD_TOO_LARGE')))
    }
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    const onClose = () => settle(() => reject(new RequestAborted()))
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const decompress = async (bytes: Buffer, encoding: Exclude<Encoding, 'identity'>): Promise<Body> => {
  try {
    return await decompressors[encoding](bytes, { maxOutputLength: maxBodyBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw refuse('PAYLOAD_TOO_LARGE')
    return 'broken'
  }
}

/**
 * The body of a request, decompressed; nothing where it has none. Refused: PAYLOAD_TOO_LARGE, then
 * UNSUPPORTED_MEDIA_TYPE. What is left of a body that is too large runs into the void, so that its sender gets to read
 * the answer.
 */
export const readBody = async (request: IncomingMessage): Promise<Body | undefined> => {
  if (!hasBody(request)) return undefined
  const { headers } = request
  const encoding = encodingOf(headers['content-encoding'])
  const limit = encoding === 'identity' ? maxBodyBytes : maxCompressedBytes
  if (Number(headers['content-length'] ?? 0) > limit) throw refuse('PAYLOAD_TOO_LARGE')
  const bytes = await readBytes(request, limit)
  if (bytes.length === 0) return undefined
  if (encoding === undefined || !isJson(headers['content-type'])) throw refuse('UNSUPPORTED_MEDIA_TYPE')
  return encoding === 'identity' ? bytes : decompress(bytes, encoding)
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

export const parseJson = (body: Body): Parsed => {
  if (body === 'broken') return { ok: false, message: 'cannot be decompressed' }
  if (!isUtf8(body)) return { ok: false, message: 'is not UTF-8' }
  try {
    return { ok: true, value: JSON.parse(body.toString()) }
  } catch {
    return { ok: false, message: 'is not JSON' }
  }
}
