import type { Exchange } from './exchange.js'
import { encodedFile } from './files.js'
import type { StageDeps } from './http-deps.js'
import { type Problem, problemBody } from './problem.js'
import type { Reply } from './reply.js'
import type { SecurityHeaders } from './security-headers.js'
import type { Answered } from './stages.js'

/** A client that reads its answer more slowly is disconnected: until then, the answer occupies memory. */
const maxReadMs = 30_000

const disconnectSlowReader = ({ request, response }: Exchange): void => {
  if (response.writableLength === 0) return
  const timer = setTimeout(() => request.socket.destroy(), maxReadMs)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

/** Whose request was answered, and where. */
type Caller = Omit<Answered, 'answer'>

export type Respond = (exchange: Exchange, answered: Answered) => void

/** Writes answers, and reports each to the log and the metrics. */
export const responder = (
  { logger, metrics, publicUrl, readiness, problemTable }: StageDeps,
  security: SecurityHeaders,
): Respond => {
  /** What stands before our paths for a client. */
  const baseOf = ({ request }: Exchange): string => publicUrl ?? request.baseUrl

  const problemReply = (exchange: Exchange, problem: Problem): Reply => {
    const { request, requestId, path } = exchange
    const language = request.acceptsLanguages('en', 'ko') === 'ko' ? 'ko' : 'en'
    const body = problemBody(problem, problemTable, { base: baseOf(exchange), path, requestId, language })
    return {
      vary: 'accept-language',
      status: body.status,
      contentType: 'application/problem+json',
      content: JSON.stringify(body),
      headers: {
        'content-language': language,
        ...problem.headers,
        ...(problem.replayed && { 'idempotent-replayed': 'true' }),
      },
    }
  }

  const headersOf = (exchange: Exchange, { contentType, headers, cacheControl = 'no-store' }: Reply) => ({
    ...(contentType.startsWith('text/html') ? security.page : security.data),
    'content-type': contentType,
    'cache-control': cacheControl,
    'x-request-id': exchange.requestId,
    ...(readiness.isShedding?.() && { connection: 'close' }),
    ...headers,
    ...(headers?.['location'] !== undefined && { location: baseOf(exchange) + headers['location'] }),
  })

  const write = (exchange: Exchange, reply: Reply): void => {
    const { response } = exchange
    if (reply.vary !== undefined) response.vary(reply.vary)
    const headers = headersOf(exchange, reply)
    if ('file' in reply) {
      const { file, encoding } = encodedFile(exchange.request, reply.file)
      response.set(headers).vary('accept-encoding')
      if (encoding) response.set('content-encoding', encoding)
      response.sendFile(file, { cacheControl: false, dotfiles: 'allow' })
      return
    }
    if ('stream' in reply) {
      response.writeHead(reply.status, headers)
      if (exchange.request.method !== 'HEAD') reply.stream.open(response)
      else {
        reply.stream.leave()
        response.end()
      }
      return
    }
    response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(reply.content) })
    response.end(reply.content)
    disconnectSlowReader(exchange)
  }

  const report = (exchange: Exchange, status: number, { userId, shopId }: Caller, problem?: Problem): void => {
    const { request, requestId, startedAt, route } = exchange
    const { method } = request
    const ms = performance.now() - startedAt
    metrics.onAnswered({ method, route, status, code: problem?.code, seconds: ms / 1_000 })
    const usual = route.startsWith('/api/') ? 'info' : 'debug'
    const level = status === 503 ? 'warn' : status >= 500 ? 'error' : usual
    if (!logger.isLevelEnabled(level)) return
    logger[level](
      {
        requestId,
        method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        caller: userId,
        shop: shopId,
        code: problem?.code,
        err: problem?.cause,
      },
      'answered',
    )
  }

  const respondWith = (exchange: Exchange, { answer, ...from }: Answered): void => {
    if (answer === 'by-host') report(exchange, exchange.response.statusCode, from)
    else if ('code' in answer) {
      const reply = problemReply(exchange, answer)
      write(exchange, reply)
      report(exchange, reply.status, from, answer)
    } else {
      write(exchange, answer)
      report(exchange, answer.status, from)
    }
  }

  return (exchange, answered) => {
    try {
      respondWith(exchange, answered)
    } catch (cause) {
      if (exchange.response.headersSent) throw cause
      respondWith(exchange, { ...answered, answer: { code: 'INTERNAL', cause } })
    }
  }
}
