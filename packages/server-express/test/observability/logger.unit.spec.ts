import { beforeEach, describe, expect, test } from 'vitest'
import { createLogger, errorData, logLevelOf } from '../../src/observability/logger.js'

const token = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtaW5hIn0.${'s'.repeat(43)}`
const canaries = ['canary', token, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']

let text: string
const sink = {
  write: (line: string) => {
    text += line
  },
}
const logger = () => createLogger('trace', sink)
beforeEach(() => {
  text = ''
})

test('lines are JSON with the level as a word and an ISO time', () => {
  logger().warn({ job: 'views' }, 'slow')
  expect(JSON.parse(text)).toMatchObject({
    level: 'warn',
    job: 'views',
    msg: 'slow',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
})

test('lines below the level are not written', () => {
  createLogger('error', sink).warn('not this')
  expect(text).toBe('')
})

describe('secrets are masked', () => {
  test.each<[what: string, fields: object, message?: string]>([
    ['headers', { headers: { authorization: 'Bearer canary', cookie: 'canary', 'idempotency-key': 'canary' } }],
    ['headers of a request', { req: { headers: { authorization: 'canary', 'idempotency-key': 'canary' } } }],
    ['named members', { password: 'canary', secret: 'canary', databaseUrl: 'canary' }],
    ['named members of an object', { config: { password: 'canary', token: 'canary', connectionString: 'canary' } }],
    ['the password of a URL in an error', { err: new Error('cannot reach postgres://shop:canary@db:5432/shop') }],
    ['a token in an error', { err: new Error(`bad token Bearer canary`) }],
    ['the cause of an error', { err: new Error('outer', { cause: new Error('redis://me:canary@cache:6379') }) }],
    [
      'what a driver adds to an error',
      { err: Object.assign(new Error('x'), { parameters: ['canary'], query: 'canary' }) },
    ],
    ['a message', {}, 'sent to amqp://me:canary@queue'],
    ['a password with an @', { err: new Error('no postgres://shop:p@canary@db:5432/shop') }],
    ['a password with a /, a ? and a #', {}, 'no postgres://shop:p/canary?canary#canary@db:5432/shop'],
    ['a password without a user', {}, 'no redis://:canary@cache:6379'],
    ['one of several URLs', {}, 'no redis://:canary@one,redis://:canary@two'],
    ['the URL of a cluster', {}, 'no rediss-cluster://me:canary@one:7000,two:7000'],
    ['the URL of Sentinels', {}, 'no redis-sentinel://:canary@one,two/shop?sentinelPassword=canary'],
    ['a list with the URL of Sentinels', {}, 'redis-sentinel://one/shop?sentinelPassword=canary,redis://:canary@two'],
    ['a password in a query', {}, 'no postgres://db/shop?sslmode=require&password=canary'],
    ['any query of a URL', { url: 'https://platform.example/events?whatever=canary' }],
    ['a password in a connection string', {}, 'host=db password=canary user=shop'],
    ['a URL in a field of a field', { config: { platform: { url: 'https://me:canary@platform.example' } } }],
    ['a named member at any depth', { a: { b: { c: { password: 'canary', clientSecret: 'can"canary' } } } }],
    ['JSON in a message', {}, 'sent {"password":"canary","user":"mina"}'],
    ['a token in a message', {}, `token ${token}`],
    ['a signing secret in a message', {}, 'signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ])('%s', (_what, fields, message = 'told') => {
    logger().error(fields, message)
    expect(text).not.toBe('')
    for (const canary of canaries) expect(text).not.toContain(canary)
  })
})

test('host and path of a URL stay readable', () => {
  logger().error({}, 'no postgres://shop:secret@db:5432/shop?sslmode=require, see file:///srv/@shop/core/x.js:1:2')
  expect(JSON.parse(text).msg).toBe('no postgres://[secret]@db:5432/shop?[secret] see file:///srv/@shop/core/x.js:1:2')
})

test.each([
  ['letters', 'a'.repeat(300_000)],
  ['schemes', 'a://'.repeat(75_000)],
  ['schemes with users', 'a://b:'.repeat(50_000)],
  ['beginnings of tokens', '-eyJ'.repeat(75_000)],
  ['bearers', 'bearer '.repeat(42_000)],
  ['blanks after a bearer', `bearer${' '.repeat(300_000)}`],
  ['passwords', 'password='.repeat(33_000)],
  ['quoted names', 'password":"'.repeat(27_000)],
])('a long line of %s is masked quickly', (_, message) => {
  const began = performance.now()
  logger().error({}, message)
  // In quadratic time, each line would take from seconds to minutes.
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(JSON.parse(text).level).toBe('error')
})

test('an error that came as data is logged like the error itself, and what is no error as a text', () => {
  const error = Object.assign(new TypeError('no such table'), { code: '42P01', sql: 'select 1' })
  logger().error({ err: JSON.parse(JSON.stringify(errorData(error))) }, 'failed')
  const line = JSON.parse(text)
  text = ''
  logger().error({ err: error }, 'failed')
  expect(line.err).toEqual(JSON.parse(text).err)
  expect([errorData('text'), errorData(null), errorData({ stock: 10n })]).toEqual(['text', 'null', '{ stock: 10n }'])
})

test('a level of the host is info in its workers', () => {
  expect([logLevelOf({ level: 'silent' }), logLevelOf({ level: 'audit' })]).toEqual(['silent', 'info'])
})

test('an error keeps its type, code, message and stack', () => {
  logger().error({ err: Object.assign(new TypeError('no such table'), { code: '42P01' }) }, 'failed')
  expect(JSON.parse(text).err).toEqual({
    type: 'TypeError',
    code: '42P01',
    message: 'no such table',
    stack: expect.stringContaining('logger.unit.spec'),
  })
})
