import { connectRedis, redisLocks } from '../../../src/index.js'

/** A process that uses locks as a server does. It prints what happens, and exits when it has finished. */
const [what, url = '', count = '0'] = process.argv.slice(2)
const connection = connectRedis(url, { callMs: 2000, silenceMs: 5000 })
await connection.ready(10_000)
const locks = redisLocks([connection])

/** Adds one by a read and a write. Without a lock, additions of others are lost. */
const add = async (token: number): Promise<void> => {
  const before = Number(await connection.redis.get('count'))
  await connection.redis.rpush('tokens', token)
  await connection.redis.set('count', before + 1)
}

if (what === 'add') {
  for (let left = Number(count); left > 0; left -= 1) {
    const { held } = await locks.withLock('job', ({ token }) => add(token), { waitMs: 60_000 })
    if (!held) throw new Error('the lock was not granted')
  }
} else {
  const work = async ({ token, signal }: { readonly token: number; readonly signal: AbortSignal }) => {
    console.log(`held ${token}`)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    console.log('aborted')
  }
  await locks.withLock('job', work, { leaseMs: 500 })
}
await connection.close()
console.log('closed')
