import { describe, expect, test } from 'vitest'
import { connectRedis, parseRedisUrl, splitRedisUrls } from '../../src/index.js'

const at = (host: string, port: number) => ({ host, port })

describe('a Redis URL', () => {
  test('names one Redis', () => {
    const url = 'rediss://me:hidden@cache:6380/2'
    expect(parseRedisUrl(url)).toEqual({ kind: 'node', url, address: 'cache:6380' })
  })

  test('names a cluster by some of its nodes', () => {
    expect(parseRedisUrl('redis-cluster://one:7000, two,[::1]:7001')).toEqual({
      kind: 'cluster',
      address: 'one:7000,two:6379,[::1]:7001',
      hosts: [at('one', 7000), at('two', 6379), at('::1', 7001)],
      tls: false,
    })
    expect(parseRedisUrl('rediss-cluster://me:a%2Cb%40c@one')).toMatchObject({
      tls: true,
      username: 'me',
      password: 'a,b@c',
    })
    expect(parseRedisUrl('redis-cluster://one/0')).toMatchObject({ kind: 'cluster' })
  })

  test('names a primary by its Sentinels', () => {
    expect(parseRedisUrl('redis-sentinel://one,two:5000/shop')).toEqual({
      kind: 'sentinel',
      address: 'one:26379,two:5000/shop',
      hosts: [at('one', 26_379), at('two', 5_000)],
      name: 'shop',
      db: 0,
      tls: false,
    })
    const query = 'sentinelUsername=watch&sentinelPassword=a%26b%3Dc%2B'
    expect(parseRedisUrl(`rediss-sentinel://:hidden@one/shop/3?${query}`)).toMatchObject({
      db: 3,
      tls: true,
      password: 'hidden',
      sentinelUsername: 'watch',
      sentinelPassword: 'a&b=c+',
    })
  })

  test.each([
    'http://one',
    'one:6379',
    'redis://one,two',
    'redis://:100%safe@one',
    'redis-cluster://',
    'redis-cluster://one,,two',
    'redis-cluster://one,',
    'redis-cluster://one:0',
    'redis-cluster://one:65536',
    'redis-cluster://one:',
    'redis-cluster://one/1',
    'redis-cluster://one?db=1',
    'redis-cluster://me@one',
    'redis-cluster://me:@one',
    'redis-cluster://me:100%safe@one',
    'redis-cluster://a:b@one,c:d@two',
    'redis-cluster://two words',
    'redis-sentinel://one',
    'redis-sentinel://one/',
    'redis-sentinel://one/the shop',
    'redis-sentinel://one/shop/zero',
    'redis-sentinel://one/shop?password=a',
    'redis-sentinel://one/shop?sentinelUsername=a',
    'redis-sentinel://one/shop?sentinelPassword=',
    'redis-sentinel://one/shop?sentinelPassword=a&sentinelPassword=b',
    'redis-proxy://one',
  ])('is not %s', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined()
  })

  test.each(['redis-cluster://me:canary@one:0', 'rediss-sentinel://:canary@one'])(
    'of a group is refused without repeating it, if it is malformed: %s',
    (url) => {
      expect(() => connectRedis(url)).toThrow(TypeError)
      expect(() => connectRedis(url)).toThrow(/^connectRedis: url must be a URL like .*redis-sentinel:/)
      expect(() => connectRedis(url)).not.toThrow(/canary/)
    },
  )

  test('ends at the comma before the next URL of a list; commas between hosts stay', () => {
    expect(splitRedisUrls('redis://one, rediss://me:x@two,redis://three')).toEqual([
      'redis://one',
      'rediss://me:x@two',
      'redis://three',
    ])
    expect(splitRedisUrls(' redis-cluster://one,two:7001 ')).toEqual(['redis-cluster://one,two:7001'])
    expect(splitRedisUrls('redis-sentinel://one,two/shop,redis://three')).toEqual([
      'redis-sentinel://one,two/shop',
      'redis://three',
    ])
  })
})
