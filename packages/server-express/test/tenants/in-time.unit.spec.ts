import { isShopUnavailable } from '@shop/core'
import { expect, test } from 'vitest'
import { listInTime, locateInTime, outdatedInTime } from '../../src/tenants/in-time.js'

const hangs = () => new Promise<never>(() => {})
const fails = () => Promise.reject(new Error('the table of shops is away'))
const here = { database: 'a', schema: 'books' }

test('an answer in time is the answer, also a failure', async () => {
  expect(await locateInTime(async () => here, 1_000)('books')).toBe(here)
  expect(await listInTime(async () => ['books'], 1_000)()).toEqual(['books'])
  await expect(locateInTime(fails, 1_000)('books')).rejects.toThrow('the table of shops is away')
})

test('what hangs is unavailable', async () => {
  await expect(locateInTime(hangs, 1)('books')).rejects.toSatisfy(isShopUnavailable)
  await expect(listInTime(hangs, 1)()).rejects.toSatisfy(isShopUnavailable)
})

test.each([
  ['a source that is up to date', async () => false, false],
  ['one that is not', async () => true, true],
  ['one that hangs', hangs, true],
  ['one that fails', fails, true],
])('%s is judged as such', async (_, isOutdated, expected) => {
  expect(await outdatedInTime(isOutdated, 50)()).toBe(expected)
})

test('a source that hangs is asked once', async () => {
  let questions = 0
  const isOutdated = outdatedInTime(() => {
    questions += 1
    return hangs()
  }, 1)
  expect([await isOutdated(), await isOutdated(), questions]).toEqual([true, true, 1])
})
