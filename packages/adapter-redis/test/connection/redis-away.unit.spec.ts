import { describe, expect, test } from 'vitest'
import { asAway, isOutage, isRedisAway, RedisAway, refusalOf } from '../../src/connection/redis-away.js'

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

describe('the error of a failed command', () => {
  test.each([
    [new Error('Command timed out'), 'timeout', true],
    [new Error('Connection is closed.'), 'connection', true],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'connection', true],
    [reply('LOADING Redis is loading the dataset in memory'), 'refused', true],
    [reply('BUSY Redis is busy running a script'), 'refused', true],
    [reply("READONLY You can't write against a read only replica."), 'refused', true],
    [reply("OOM command not allowed when used memory > 'maxmemory'."), 'refused', false],
    [reply('WRONGTYPE Operation against a key'), 'refused', false],
    [reply('CLUSTERDOWN The cluster is down'), 'refused', true],
    [new Error("Cluster isn't ready and enableOfflineQueue options is false"), 'connection', true],
    [new Error('Too many Cluster redirections. Last error: ReplyError: TRYAGAIN Multiple keys'), 'refused', false],
    [new Error('Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN Hash slot'), 'refused', true],
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

  test.each([
    ["READONLY You can't write against a read only replica. script: 5f, on @user_script:1.", 'READONLY', true],
    ["ERR Error running script (call to f_5): @user_script:1: -READONLY You can't write.", 'READONLY', true],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM', false],
    ['ERR Error running script (call to f_5): @user_script: 1: -OOM command not allowed.', 'OOM', false],
    ["NOPERM User shop has no permissions to run the 'evalsha' command", 'NOPERM', false],
    ["ERR ACL failure in script: User shop has no permissions to run the 'set' command", 'NOPERM', false],
    ["ERR The user executing the script can't run this command or subcommand script: 5f", 'NOPERM', false],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS', false],
    ['MISCONF Redis is configured to save RDB snapshots', 'MISCONF', false],
    ['CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN', true],
    ['Too many Cluster redirections. Last error: ReplyError: MOVED 866 127.0.0.1:6379', 'MOVED', false],
    ['MASTERDOWN 2 of 3 masters serve', 'MASTERDOWN', true],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', undefined, false],
  ])('the word of %s', (message, word, outage) => {
    const away = new RedisAway('refused', { cause: reply(message) })
    expect(refusalOf(away)).toBe(word)
    expect(isOutage(away)).toBe(outage)
  })

  test('a bug is not an outage', () => {
    expect(isOutage(new TypeError('x'))).toBe(false)
    expect(isRedisAway(undefined)).toBe(false)
  })
})
