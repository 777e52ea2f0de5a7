import { knexLocks } from '@shop/adapter-knex'
import type { Lease, Locks } from '@shop/core/store'
import { startWireProxy } from '@shop/test-support/wire-proxy'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gate, openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase
let servers: Locks[]

beforeAll(async () => {
  database = await openShopDatabase()
  servers = Array.from({ length: 4 }, () => knexLocks(database.connect()))
})
afterAll(() => database.drop())
beforeEach(() => database.clear())

const [first, second] = [(): Locks => servers[0] as Locks, (): Locks => servers[1] as Locks]

/** Holds a lock until `leave` is called. */
const hold = async (locks: Locks, name: string, options = {}) => {
  const entered = gate<Lease>()
  const leave = gate()
  const result = locks.withLock(
    name,
    async (lease) => {
      entered.open(lease)
      await leave.opened
      return 'done'
    },
    options,
  )
  return { lease: await entered.opened, leave: leave.open, result }
}

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))

const steal = (name: string) =>
  database.knex.raw(
    `update shop.leases set token = token + 1, expires_at = now() + interval '1 hour', length_ms = 3600000 where name = ?`,
    [name],
  )

describe('a lock', () => {
  test('is held by one at a time', async () => {
    const held = await hold(first(), 'job')
    expect(await second().withLock('job', async () => 'never')).toEqual({ held: false })
    expect(await second().withLock('other job', async () => 'at once')).toEqual({ held: true, value: 'at once' })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await second().withLock('job', async () => 'now')).toEqual({ held: true, value: 'now' })
  })

  test('is waited for', async () => {
    const held = await hold(first(), 'job')
    const waiting = second().withLock('job', async () => 'after', { waitMs: 20_000 })
    expect(await second().withLock('job', async () => 'never', { waitMs: 120 })).toEqual({ held: false })
    held.leave()
    await held.result
    expect(await waiting).toEqual({ held: true, value: 'after' })
  })

  test('never lets two servers in at once, and its token grows with every grant', async () => {
    const tokens: number[] = []
    let inside = 0
    const work = async ({ token }: Lease) => {
      inside += 1
      expect(inside).toBe(1)
      tokens.push(token)
      await database.knex.raw('select 1')
      inside -= 1
    }
    const jobs = servers.flatMap((locks) =>
      Array.from({ length: 3 }, () => locks.withLock('job', work, { waitMs: 30_000 })),
    )
    const results = await Promise.all(jobs)
    expect(results.every(({ held }) => held)).toBe(true)
    expect(tokens).toHaveLength(12)
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
    expect(new Set(tokens).size).toBe(12)
  })

  test('of a dead holder is free after its lease, with a higher token', async () => {
    await database.knex.raw(`insert into shop.leases values ('job', 41, now() - interval '1 ms')`)
    expect(await first().withLock('job', async ({ token }) => token)).toEqual({ held: true, value: 42 })
    await database.knex.raw(`update shop.leases set expires_at = now() + interval '1 hour', length_ms = 3600000`)
    expect(await first().withLock('job', async () => 'never')).toEqual({ held: false })
  })

  test('that ends impossibly late counts as expired, with a higher token', async () => {
    const before = await first().withLock('job', async ({ token }) => token, { leaseMs: 15_000 })
    const endsIn = (time: string) =>
      database.knex.raw(`update shop.leases set expires_at = clock_timestamp() + ?::interval where name = 'job'`, [
        time,
      ])
    await endsIn('20 seconds')
    expect(await first().withLock('job', async () => 'never')).toEqual({ held: false })
    // The clock was set back by an hour while the holder was dead.
    await endsIn('1 hour')
    const after = await first().withLock('job', async ({ token }) => token, { leaseMs: 1 })
    expect(before).toEqual({ held: true, value: 1 })
    expect(after).toEqual({ held: true, value: 2 })
  })

  test('is renewed for as long as the work takes', async () => {
    const held = await hold(first(), 'job', { leaseMs: 300 })
    const extended = async () => {
      const { rows } = await database.knex.raw(
        `select xmin::text as version, expires_at > now() as live from shop.leases where name = 'job'`,
      )
      return rows[0] as { version: string; live: boolean }
    }
    const versions = new Set<string>()
    await expect
      .poll(
        async () => {
          const { version, live } = await extended()
          expect(live).toBe(true)
          return versions.add(version).size
        },
        { interval: 20, timeout: 10_000 },
      )
      .toBeGreaterThan(4)
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
  })

  test('that another holder has taken is reported as lost, and is not released', async () => {
    const held = await hold(first(), 'job', { leaseMs: 150 })
    await steal('job')
    expect(await aborted(held.lease.signal)).toMatchObject({
      message: expect.stringContaining('another holder has it'),
    })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await second().withLock('job', async () => 'never')).toEqual({ held: false })
  })

  test('that cannot be renewed in time is reported as lost', async () => {
    const proxy = await startWireProxy(database.url)
    const remote = knexLocks(database.connect({ url: proxy.url }))
    const held = await hold(remote, 'job', { leaseMs: 150 })
    await proxy.stop()
    expect(await aborted(held.lease.signal)).toMatchObject({ message: expect.stringContaining('in time') })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
  })

  test('is free as soon as it is released', async () => {
    const locks = first()
    for (let round = 0; round < 200; round += 1) {
      expect(await locks.withLock('job', async () => round)).toEqual({ held: true, value: round })
    }
  })

  test('resolves with the result of the work even if the release fails', async () => {
    const boom = new Error('boom')
    const proxy = await startWireProxy(database.url)
    const remote = knexLocks(database.connect({ url: proxy.url }))
    const failing = remote.withLock('job', async () => {
      await proxy.stop()
      throw boom
    })
    await expect(failing).rejects.toBe(boom)
    await expect(first().withLock('failing job', () => Promise.reject(boom))).rejects.toBe(boom)
    expect(await first().withLock('failing job', async () => 'free again')).toEqual({ held: true, value: 'free again' })
  })

  test('rejects if the database is away', async () => {
    const url = new URL(database.url)
    url.port = '1'
    const away = knexLocks(database.connect({ url: url.href }))
    await expect(away.withLock('job', async () => 'never')).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
