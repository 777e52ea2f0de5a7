import { describe, expect, test } from 'vitest'
import { asAway, isOutage, isRedisAway, RedisAway } from '../../src/connection/redis-away.js'

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

describe('what a failed command means', () => {
  test.each([
    [new Error('Command timed out'), 'timeout', true],
    [new Error('Connection is closed.'), 'connection', true],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'connection', true],
    [reply('LOADING Redis is loading the dataset in memory'), 'refused', true],
    [reply('BUSY Redis is busy running a script'), 'refused', true],
    [reply("READONLY You can't write against a read only replica."), 'refused', true],
    [reply("OOM command not allowed when used memory > 'maxmemory'."), 'refused', false],
    [reply('WRONGTYPE Operation against a key'), 'refused', false],
  ])('%s', (error, reason, outage) => {
    const away = asAway(error)
    expect(away).toMatchObject({ code: 'REDIS_AWAY', reason, cause: error })
    expect(isRedisAway(away)).toBe(true)
    expect(isOutage(away)).toBe(outage)
  })

  test.each([
    new TypeError('call is not a function'),
    reply('NOSCRIPT No matching script.'),
    new RedisAway('open'),
    'text',
  ])('%s stays as it is', (error) => {
    expect(asAway(error)).toBe(error)
  })

  test('a mistake is no outage', () => {
    expect(isOutage(new TypeError('x'))).toBe(false)
    expect(isRedisAway(undefined)).toBe(false)
  })
})
