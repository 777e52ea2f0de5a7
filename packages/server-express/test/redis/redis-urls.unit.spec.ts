import { expect, test } from 'vitest'
import { redisUrlsFault } from '../../src/util/redis-urls.js'

const fault = (option: string, reason: RegExp) => ({ option, reason: expect.stringMatching(reason) })

test.each([
  [['redis://one'], true],
  [['redis://one', 'rediss://two', 'redis://three'], true],
  [['redis-cluster://one,two'], false],
  [['redis-sentinel://one,two/shop'], false],
])('the server uses %o, with locks of users: %s', (urls, userLocks) => {
  expect(redisUrlsFault(urls, userLocks)).toBeUndefined()
})

test.each([
  [['redis-cluster://canary:1@'], false, fault('urls', /^must be a URL like/)],
  [['redis://one', 'redis-cluster://two'], false, fault('urls', /alone/)],
  [['redis-cluster://one'], true, fault('userLocks', /cannot be a majority/)],
  [['redis-sentinel://one/shop'], true, fault('userLocks', /a failover may forget a lock/)],
])('the server refuses %o, with locks of users: %s', (urls, userLocks, expected) => {
  const found = redisUrlsFault(urls, userLocks)
  expect(found).toEqual(expected)
  expect(found?.reason).not.toContain('canary')
})
