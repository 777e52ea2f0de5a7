import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { failureReason } from '../../src/data-platform/failure-reason.js'

const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('said'), { code }) })

test.each([
  ['ECONNREFUSED', 'connection refused: nothing listens on this address'],
  ['ECONNRESET', 'the connection was reset'],
  ['ETIMEDOUT', 'timed out connecting'],
  ['ENOTFOUND', 'the host name does not exist'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
  ['EHOSTUNREACH', 'the host is unreachable'],
  ['UND_ERR_SOCKET', 'the connection was closed before a response'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timed out connecting'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timed out waiting for a response'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the response headers are too large'],
  ['HPE_HEADER_OVERFLOW', 'the response headers are too large'],
  ['HPE_INVALID_CONSTANT', 'the response is not HTTP'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_SIGNATURE_FAILURE', 'its certificate is not valid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for a different host name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS failed'],
])('describes %s', (code, words) => {
  expect(failureReason(failed(code))).toBe(`${words} (${code})`)
})

test('returns an unknown code unchanged', () => {
  expect(failureReason(failed('ENEW'))).toBe('ENEW')
  expect(failureReason(failed('constructor'))).toBe('constructor')
})

test('without a code, returns the message of the root cause', () => {
  expect(failureReason(new TypeError('fetch failed', { cause: new Error('bad port') }))).toBe('bad port')
  expect(failureReason(new TypeError('fetch failed', { cause: new AggregateError([], '') }))).toBe('fetch failed')
  expect(failureReason('odd')).toBe('odd')
})

describe('describes real errors of fetch', () => {
  const reason = async (url: string) => {
    try {
      await fetch(url, { signal: AbortSignal.timeout(10_000) })
    } catch (error) {
      return failureReason(error)
    }
    return 'answered'
  }

  test.each([
    ['closes at once', (socket: Socket) => socket.end(), /before a response \(UND_ERR_SOCKET\)$/],
    ['speaks something else', (socket: Socket) => socket.end('+OK hello\r\n'), /^the response is not HTTP \(HPE_/],
  ])('from a receiver that %s', async (_, answer, expected) => {
    const receiver = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => answer(socket))
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    expect(await reason(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}`)).toMatch(expected)
    receiver.close()
  })

  test('from a receiver without TLS', async () => {
    const receiver = createHttpServer((_, response) => response.end())
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    expect(await reason(`https://127.0.0.1:${port}`)).toMatch(/^(TLS failed|the connection was)/)
    receiver.close()
  })
})
