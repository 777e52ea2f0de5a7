import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isFromThisMachine } from '../../src/http/this-machine.js'

const request = (headers: IncomingHttpHeaders, remoteAddress: string | undefined = '127.0.0.1') =>
  ({ headers, socket: { remoteAddress }, httpVersion: '1.1' }) as IncomingMessage

describe('accepted as local', () => {
  test.each(['localhost', 'localhost:3000', 'LOCALHOST:80', '127.0.0.1:3000', '127.8.8.8', '[::1]', '[::1]:3000'])(
    'a request to %s',
    (host) => {
      expect(isFromThisMachine(request({ host }))).toBe(true)
    },
  )

  test.each(['http://localhost:3000', 'http://127.0.0.1:5173', 'http://[::1]:3000'])(
    'a request of a page of %s',
    (origin) => {
      expect(isFromThisMachine(request({ host: 'localhost:3000', origin }))).toBe(true)
    },
  )

  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('a request of %s', (address) => {
    expect(isFromThisMachine(request({ host: 'localhost' }, address))).toBe(true)
  })
})

describe('refused as not local', () => {
  test.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    '127.0.0.1.evil.example:3000',
    'evil.example:127.0.0.1',
    'user@localhost',
    '192.168.0.7:3000',
    '0.0.0.0:3000',
    '[::]:3000',
    '',
    undefined,
  ])('a request to %s', (host) => {
    expect(isFromThisMachine(request({ ...(host !== undefined && { host }) }))).toBe(false)
  })

  test.each([
    'forwarded',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded',
    'x-real-ip',
    'cf-connecting-ip',
    'cf-ray',
    'true-client-ip',
    'fastly-client-ip',
    'x-cluster-client-ip',
    'x-original-host',
    'x-original-forwarded-for',
    'x-proxyuser-ip',
    'x-envoy-external-address',
    'x-amzn-trace-id',
  ])('a request with %s', (name) => {
    expect(isFromThisMachine(request({ host: 'localhost:3000', [name]: '127.0.0.1' }))).toBe(false)
  })

  test.each(['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', ''])(
    'a request from %s, whatever its headers say',
    (address) => {
      expect(isFromThisMachine(request({ host: 'localhost:3000' }, address))).toBe(false)
    },
  )

  test.each(['https://shop.example', 'http://localhost.evil.example:3000', 'null'])(
    'a request of a page of %s',
    (origin) => {
      expect(isFromThisMachine(request({ host: '127.0.0.1:3000', origin }))).toBe(false)
    },
  )

  test('a request in HTTP/1.0, as from nginx before 1.29.7', () => {
    expect(isFromThisMachine({ ...request({ host: '127.0.0.1:3000' }), httpVersion: '1.0' } as IncomingMessage)).toBe(
      false,
    )
  })

  test('a request whose client disconnected', () => {
    expect(isFromThisMachine({ ...request({ host: 'localhost' }), socket: {} } as IncomingMessage)).toBe(false)
  })
})
