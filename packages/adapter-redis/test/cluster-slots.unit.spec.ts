import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { catalogKeys, gateKeys, lockKeys, probeKeyOf, rankingKeys, rateLimitPrefix } from '../src/keys.js'
import { DaySums } from '../src/ranking/day-sums.js'
import { allSlots, slotOf } from './support/slots.js'

const sources = fileURLToPath(new URL('../src/', import.meta.url))
const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(sources, file), 'utf8'))

const slotsOf = (keys: readonly string[]): number => new Set(keys.map(slotOf)).size

/** Braces decide the slot, so ids of all kinds have some. */
const hostile = fc.string({ unit: fc.constantFrom('{', '}', ':', '.', 'a', '1', ' ') })
const database = fc.tuple(hostile, fc.nat()).map(([text, number]) => `${number}${text}`)

describe('a cluster', () => {
  test('has the keys of a gate in one slot, whatever the ids', () => {
    fc.assert(
      fc.property(database, hostile, (id, couponId) => {
        expect(slotsOf(Object.values(gateKeys(id, couponId)))).toBe(1)
      }),
    )
  })

  test('has the whole catalogue of a database in one slot, whatever is searched for', () => {
    fc.assert(
      fc.property(database, hostile, fc.nat(), (id, keyword, offset) => {
        const { generation, page, refreshing } = catalogKeys(id)
        const asked = { offset, limit: 10, keyword }
        expect(slotsOf([generation, page(asked), refreshing(asked), page({ offset: 0, limit: 1 })])).toBe(1)
      }),
    )
  })

  test('has all days of a ranking in one slot', () => {
    fc.assert(
      fc.property(database, fc.constantFrom('Asia/Seoul', 'UTC', 'Etc/GMT+3'), hostile, (id, timeZone, token) => {
        const { sums, refreshLock, gathered, window } = rankingKeys(id, timeZone)
        const days = ['2026-05-03', '2026-05-04']
        const keys = days.flatMap((day) => [sums(day), refreshLock(day), gathered(day, token)])
        expect(slotsOf([...keys, window])).toBe(1)
      }),
    )
  })

  test('has several locks, and what a ranking forgets, in one slot', async () => {
    const { held, token } = lockKeys('shop')
    expect(slotsOf(['a', 'b{c}'].flatMap((name) => [held(name), token(name)]))).toBe(1)
    const deleted: string[] = []
    const redis = { del: async (...keys: string[]) => deleted.push(...keys) } as unknown as Redis
    const dailySums = async () => new Map<string, number>()
    await new DaySums({ redis, timeZone: 'UTC', dailySums, dayMs: 1, lockMs: 1 }).forget('db', [
      '2026-05-03',
      '2026-05-04',
    ])
    expect(deleted).toHaveLength(4)
    expect(slotsOf(deleted)).toBe(1)
  })

  test('gets no command with several keys besides scripts and the deletion of keys', () => {
    const commands = texts.flatMap((text) =>
      [...text.matchAll(/\b(?:redis|cluster)\.(\w+)\(/g)].map(([, name]) => name),
    )
    const connection = ['call', 'cluster', 'nodes', 'on', 'off', 'quit', 'disconnect']
    const found = [...new Set(commands)].filter((name) => !connection.includes(String(name)))
    expect(found.sort()).toEqual(['del', 'eval', 'evalsha', 'set', 'xadd'])
  })

  test('spreads coupons, counts and probes over its masters', () => {
    const masters = 3
    const names = Array.from({ length: 3_000 }, (_, number) => number)
    const kinds: ((number: number) => string)[] = [
      (number) => gateKeys('7301.16384.16500', `coupon-${number}`).issued,
      (number) => `${rateLimitPrefix('7301.16384.16500')}user ${number}`,
      probeKeyOf,
    ]
    for (const keyOf of kinds) {
      const counts = [0, 0, 0]
      for (const name of names) {
        const master = Math.floor((slotOf(keyOf(name)) * masters) / allSlots)
        counts[master] = (counts[master] ?? 0) + 1
      }
      // A fair share is 1,000.
      expect(Math.min(...counts)).toBeGreaterThan(850)
    }
  })
})
