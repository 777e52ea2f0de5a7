import { connect, type Socket } from 'node:net'
import { type NetworkProxy, type RedisServer, startProxy, startRedis } from '@shop/test-support/redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let redis: RedisServer
let proxy: NetworkProxy

beforeEach(async () => {
  redis = await startRedis()
  proxy = await startProxy(redis.url)
})
afterEach(async () => {
  await proxy.stop()
  await redis.stop()
})

const dial = (url: string): Socket => connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
const next = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, (value) => resolve(String(value))))

describe('a Redis for tests', () => {
  test('loses its data on a flush and a restart, and keeps its address', async () => {
    await redis.send('SET a 1')
    await redis.flush()
    expect(await redis.send('DBSIZE')).toBe(':0')
    await redis.send('SET a 1')
    const before = redis.pid()
    await redis.restart()
    expect(redis.pid()).not.toBe(before)
    expect(await redis.send('DBSIZE')).toBe(':0')
  })

  test('does not reply while it is frozen, and replies afterwards', async () => {
    redis.freeze()
    const asked = performance.now()
    const answer = redis.send('PING').then((text) => ({ text, ms: performance.now() - asked }))
    setTimeout(redis.thaw, 200)
    const { text, ms } = await answer
    expect(text).toBe('+PONG')
    expect(ms).toBeGreaterThan(190)
  })

  test('refuses connections once it is killed', async () => {
    await redis.kill()
    await expect(redis.send('PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('applies the given settings', async () => {
    const small = await startRedis({ settings: { maxmemory: '1mb' } })
    const replies: string[] = []
    for (let key = 0; key < 60; key += 1) replies.push(await small.send(`SET key-${key} ${'x'.repeat(30_000)}`))
    expect(replies.at(-1)).toMatch(/^-OOM/)
    await small.stop()
  })
})

describe('a proxy for tests', () => {
  test('delays replies, in order', async () => {
    const socket = dial(proxy.url)
    proxy.delayReplies(150)
    const asked = performance.now()
    socket.write('SET a 1\r\n')
    await expect.poll(() => redis.send('EXISTS a'), { interval: 5 }).toBe(':1')
    proxy.delayReplies(0)
    socket.write('PING\r\n')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    await expect.poll(() => heard, { interval: 5 }).toBe('+OK\r\n+PONG\r\n')
    expect(performance.now() - asked).toBeGreaterThan(145)
    socket.destroy()
  })

  test('drops everything as a black hole, and closes connections when it heals', async () => {
    const socket = dial(proxy.url)
    socket.write('PING\r\n')
    expect(await next(socket, 'data')).toBe('+PONG\r\n')
    proxy.blackHole()
    socket.write('SET a 1\r\n')
    const closed = next(socket, 'close')
    const later = dial(proxy.url)
    await next(later, 'connect')
    proxy.heal()
    await closed
    expect(await redis.send('DBSIZE')).toBe(':0')
    later.destroy()
    const healed = dial(proxy.url)
    healed.write('PING\r\n')
    expect(await next(healed, 'data')).toBe('+PONG\r\n')
    healed.destroy()
  })

  test('cuts connections when told to', async () => {
    const socket = dial(proxy.url)
    await next(socket, 'connect')
    socket.write('PING\r\n')
    await next(socket, 'data')
    proxy.cut()
    await next(socket, 'close')
  })
})
