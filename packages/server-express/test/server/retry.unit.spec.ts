import { StoreError } from '@shop/core/store'
import { afterEach, expect, test, vi } from 'vitest'
import { databaseFailure, isTransient } from '../../src/server/start-failure.js'
import { retry } from '../../src/util/retry.js'

afterEach(() => void vi.useRealTimers())

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

test('retries a transient error until it is gone, and reports it once', async () => {
  const onWait = vi.fn()
  const work = vi.fn().mockRejectedValueOnce(refused).mockRejectedValueOnce(refused).mockResolvedValue('open')
  await expect(retry(work, { forMs: 60_000, isTransient: () => true, onWait })).resolves.toBe('open')
  expect(onWait).toHaveBeenCalledTimes(1)
})

test('reports a long wait every ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const began = performance.now()
  const said: number[] = []
  const onWait = () => void said.push(Math.round(performance.now() - began))
  const work = vi.fn().mockRejectedValue(refused)
  const tried = expect(retry(work, { forMs: 35_000, isTransient: () => true, onWait })).rejects.toBe(refused)
  await vi.advanceTimersByTimeAsync(40_000)
  await tried
  expect(work.mock.calls.length).toBeGreaterThan(100)
  expect(said).toEqual([0, 10_000, 20_000, 30_000])
})

test('does not retry a permanent error', async () => {
  const work = vi.fn().mockRejectedValue(refused)
  await expect(retry(work, { forMs: 60_000, isTransient: () => false, onWait: vi.fn() })).rejects.toBe(refused)
  expect(work).toHaveBeenCalledTimes(1)
})

test('throws the last error when time is up', async () => {
  const work = vi.fn().mockRejectedValue(refused)
  await expect(retry(work, { forMs: 300, isTransient: () => true, onWait: vi.fn() })).rejects.toBe(refused)
  expect(work.mock.calls.length).toBeLessThanOrEqual(2)
})

test.each([
  ['ECONNREFUSED', true, 1],
  ['57P03', true, 1],
  ['53300', true, 1],
  ['28P01', false, 78],
  ['3D000', false, 78],
  ['ENOTFOUND', false, 1],
])('%s is transient: %s; status %i', (code, passes, status) => {
  const error = new Error('outer', { cause: Object.assign(new Error('said\n the driver'), { code }) })
  expect(isTransient(error)).toBe(passes)
  expect(databaseFailure(error)).toEqual({
    text: 'DATABASE_URL cannot be used: said the driver',
    status,
  })
})

test.each([
  ['unsupported startup parameter: options', /pgbouncer.*ignore_startup_parameters/],
  ['no such database: shop', /no such database: shop$/],
  ['begin; - transaction blocks not allowed in statement pooling mode', /pgbouncer.*SHOP_DATABASE_PREPARED=off/],
])('a permanent refusal of a pooler is not transient (%s)', (message, advice) => {
  const error = new Error('outer', { cause: Object.assign(new Error(message), { code: '08P01' }) })
  expect(isTransient(error)).toBe(false)
  expect(databaseFailure(error)).toEqual({ text: expect.stringMatching(advice), status: 78 })
})

test('a bug is not reported as a database failure', () => {
  expect(isTransient(new TypeError('undefined is not a function'))).toBe(false)
  expect(databaseFailure(new TypeError('undefined is not a function'))).toBeUndefined()
})

test.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', /sslrootcert=.*sslmode=no-verify/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', /sslrootcert=/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames", /sslmode=no-verify/],
  [undefined, 'The server does not support SSL connections', /sslmode=disable/],
])('a TLS failure with %s includes advice, and has status 78', (code, message, cure) => {
  const error = new StoreError('unavailable', message, { cause: Object.assign(new Error(message), { code }) })
  expect(databaseFailure(error)).toEqual({ text: expect.stringMatching(cure), status: 78 })
})

test('an invalid URL or schema is one line, with status 78', () => {
  const url = Object.assign(new TypeError('databaseUrl must be a URL'), { name: 'DatabaseUrlError' })
  expect(databaseFailure(url)).toEqual({ text: 'DATABASE_URL must be a URL', status: 78 })
  const schema = Object.assign(new Error('the schema shop was migrated by a newer version'), { name: 'SchemaError' })
  expect(databaseFailure(schema)).toEqual({
    text: 'SHOP_DATABASE_SCHEMA: the schema shop was migrated by a newer version',
    status: 78,
  })
  expect(isTransient(schema)).toBe(false)
})
