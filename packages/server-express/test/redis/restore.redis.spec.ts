import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRedis } from '@shop/test-support/redis'
import { expect, onTestFinished, test } from 'vitest'
import { startEmbeddedPostgres } from '../../src/embedded-postgres/index.js'
import { codesOf, openServer } from './support/open-server.js'

const run = promisify(execFile)

test('after a restore of the database, newer Redis data refuses no claim', async () => {
  const home = await mkdtemp(join(tmpdir(), 'shop-restore-'))
  await chmod(home, 0o711)
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const [dataDir, copy] = [join(home, 'data'), join(home, 'copy')]

  /** Runs Postgres and a server once, on the same Redis. */
  const live = async <T>(work: (server: Awaited<ReturnType<typeof openServer>>) => Promise<T>): Promise<T> => {
    const postgres = await startEmbeddedPostgres({ dataDir, durable: false })
    try {
      const server = await openServer({
        databaseUrl: postgres.url,
        databasePool: 2,
        scheduler: false,
        redis: { urls: [redis.url] },
      })
      try {
        return await work(server)
      } finally {
        await server.close()
      }
    } finally {
      await postgres.stop()
    }
  }
  const users = Array.from({ length: 8 }, (_, n) => `user-${n}`)
  const claim = async ({ call }: Awaited<ReturnType<typeof openServer>>, all: readonly string[]) =>
    codesOf(await Promise.all(all.map((userId) => call('POST', '/api/coupon/issue', { userId, couponId: 'opening' }))))
  const gets = (count: number) => Array.from({ length: count }, () => 'ok')

  await live(async ({ call }) => {
    const validUntil = new Date(Date.now() + 3_600_000).toISOString()
    const discount = { kind: 'fixed', amount: 1 }
    const coupon = { couponId: 'opening', name: 'Opening', discount, quantity: 20, validUntil }
    expect((await call('POST', '/api/admin/coupons', coupon)).status).toBe(201)
  })
  await run('cp', ['-a', dataDir, copy])
  await live(async (server) => {
    expect(await claim(server, users)).toEqual(gets(8))
    expect(await claim(server, users.slice(0, 1))).toEqual(['COUPON_ALREADY_ISSUED'])
    expect(await server.metric('shop_coupon_gate_total', 'verdict="issued"')).toBe(1)
  })
  await rm(dataDir, { recursive: true })
  await rename(copy, dataDir)

  await live(async (server) => {
    expect(await claim(server, users)).toEqual(gets(8))
    expect(await claim(server, users)).toEqual(Array.from({ length: 8 }, () => 'COUPON_ALREADY_ISSUED'))
    expect((await server.call('GET', '/api/admin/coupons/opening')).body).toMatchObject({ issued: 8, remaining: 12 })
  })
}, 120_000)
