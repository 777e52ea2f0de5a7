import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { build } from 'tsup'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectRedis, redisLocks } from '../../src/index.js'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
let server: RedisServer
const children = new Set<ChildProcess>()

beforeAll(async () => {
  server = await startRedis()
  // Inside the package, so that its imports resolve.
  folder = await mkdtemp(join(packageFolder, 'node_modules', '.holder-'))
  await build({
    entry: { holder: join(packageFolder, 'test/locks/support/holder.ts') },
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/^@shop\//],
    external: ['ioredis', 'redlock', 'cockatiel'],
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
  })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => server.flush())

const start = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [join(folder, 'holder.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  return {
    child,
    said: () => output,
    saying: (text: string) => expect.poll(() => output, { interval: 10, timeout: 15_000 }).toContain(text),
    ended: once(child, 'close').then(([code]) => code as number),
  }
}

describe('a lock across processes', () => {
  test('is held by one at a time, with growing tokens; processes exit once they have closed', async () => {
    const processes = [1, 2, 3].map(() => start('add', server.url, '25'))
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0])
    const connection = connectRedis(server.url)
    await connection.ready(5000)
    expect(await connection.redis.get('count')).toBe('75')
    const tokens = (await connection.redis.lrange('tokens', 0, -1)).map(Number)
    expect(tokens).toHaveLength(75)
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
    await connection.close()
  })

  test('goes to a second holder if the first is stopped for longer than the lease; the first is aborted when it resumes', async () => {
    const holder = start('hold', server.url)
    await holder.saying('held')
    holder.child.kill('SIGSTOP')
    const connection = connectRedis(server.url)
    await connection.ready(5000)
    const second = await redisLocks([connection]).withLock(
      'job',
      async ({ token, signal }) => {
        expect(token).toBeGreaterThan(Number(/held (\d+)/.exec(holder.said())?.[1]))
        holder.child.kill('SIGCONT')
        await holder.saying('aborted')
        expect(await holder.ended).toBe(0)
        return signal.aborted
      },
      { waitMs: 20_000 },
    )
    expect(second).toEqual({ held: true, value: false })
    expect(holder.said()).toContain('closed')
    await connection.close()
  })

  test('is free after the lease of a killed holder', async () => {
    const holder = start('hold', server.url)
    await holder.saying('held')
    holder.child.kill('SIGKILL')
    const connection = connectRedis(server.url)
    await connection.ready(5000)
    const locks = redisLocks([connection])
    expect(await locks.withLock('job', async () => 'mine', { waitMs: 20_000 })).toEqual({ held: true, value: 'mine' })
    await connection.close()
  })
})
