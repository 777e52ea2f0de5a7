import { expect, test, vi } from 'vitest'
import { databaseFailure, isPassing } from '../../src/server/start-failure.js'
import { tryAgain } from '../../src/server/try-again.js'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

test('what passes is tried until it has passed, and said once', async () => {
  const onWait = vi.fn()
  const work = vi.fn().mockRejectedValueOnce(refused).mockRejectedValueOnce(refused).mockResolvedValue('open')
  await expect(tryAgain(work, { forMs: 60_000, isPassing: () => true, onWait })).resolves.toBe('open')
  expect(onWait).toHaveBeenCalledTimes(1)
})

test('what does not pass is not tried again', async () => {
  const work = vi.fn().mockRejectedValue(refused)
  await expect(tryAgain(work, { forMs: 60_000, isPassing: () => false, onWait: vi.fn() })).rejects.toBe(refused)
  expect(work).toHaveBeenCalledTimes(1)
})

test('when time is up, the last error comes out', async () => {
  const work = vi.fn().mockRejectedValue(refused)
  await expect(tryAgain(work, { forMs: 300, isPassing: () => true, onWait: vi.fn() })).rejects.toBe(refused)
  expect(work.mock.calls.length).toBeLessThanOrEqual(2)
})

test.each([
  ['ECONNREFUSED', true, 1],
  ['57P03', true, 1],
  ['53300', true, 1],
  ['28P01', false, 78],
  ['3D000', false, 78],
  ['ENOTFOUND', false, 1],
])('%s passes: %s; status %i', (code, passes, status) => {
  const error = new Error('outer', { cause: Object.assign(new Error('said\n the driver'), { code }) })
  expect(isPassing(error)).toBe(passes)
  expect(databaseFailure(error)).toEqual({
    text: 'DATABASE_URL leads to no database that can be used: said the driver',
    status,
  })
})

test.each([
  ['unsupported startup parameter: options', /pgbouncer.*ignore_startup_parameters/],
  ['no such database: shop', /no such database: shop$/],
  ['begin; - transaction blocks not allowed in statement pooling mode', /pgbouncer.*SHOP_DATABASE_PREPARED=off/],
])('what a pooler refuses for good does not pass (%s)', (message, advice) => {
  const error = new Error('outer', { cause: Object.assign(new Error(message), { code: '08P01' }) })
  expect(isPassing(error)).toBe(false)
  expect(databaseFailure(error)).toEqual({ text: expect.stringMatching(advice), status: 78 })
})

test('a bug is no trouble with the database', () => {
  expect(isPassing(new TypeError('undefined is not a function'))).toBe(false)
  expect(databaseFailure(new TypeError('undefined is not a function'))).toBeUndefined()
})
