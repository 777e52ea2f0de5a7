import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { findPage, storePage } from '../src/catalog/page-scripts.js'
import { probeWrite } from '../src/connection/probe-write.js'
import { admitCallers } from '../src/gate/admit-callers.js'
import { confirmOrRelease } from '../src/gate/confirm-or-release.js'
import { changeCoupon } from '../src/gate/coupon-change.js'
import { lockTermsRefresh, storeTerms } from '../src/gate/refresh-terms.js'
import { lockKeys } from '../src/keys.js'
import { claimToken, raiseToken } from '../src/locks/token-scripts.js'
import { lockDayRefresh, storeDaySums, topOfDays } from '../src/ranking/day-scripts.js'
import { slotOf } from './support/slots.js'

const sources = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** Every script in the sources, with the comment above it and its text. */
const scripts = files.flatMap((file) =>
  [...readFileSync(join(sources, file), 'utf8').matchAll(/((?:^\/\/ .*\n)+)^const \w+ = luaScript\(`([^`]*)`\)/gm)].map(
    ([, comment = '', text = '']) => ({ file, comment, text }),
  ),
)

interface ScriptCall {
  readonly text: string
  readonly keys: readonly string[]
}

/** Every script as it is called, with the keys of one call. */
const calls = async (): Promise<readonly ScriptCall[]> => {
  const made: ScriptCall[] = []
  const redis = {
    evalsha: () => Promise.reject(new Error('NOSCRIPT No matching script.')),
    async eval(text: string, count: number, ...rest: readonly (string | number)[]) {
      made.push({ text, keys: rest.slice(0, count).map(String) })
      return [0, 0, 0, 0]
    },
    set: async () => 'OK',
  } as unknown as Redis
  const access = { redis }
  const gate = { database: 'db', couponId: 'opening' }
  const page = { database: 'db', page: { offset: 20, limit: 10, keyword: 'mug' } }
  const sums = { database: 'db', timeZone: 'Asia/Seoul' }
  const tokens = ['a', 'b'].map(lockKeys('shop').token)
  await admitCallers(access, gate, ['mina', 'joon'], 1)
  await confirmOrRelease(access, gate, { confirmed: ['mina'], released: ['joon'] })
  await lockTermsRefresh(access, gate, { token: 't', termsMs: 1 })
  await storeTerms(access, gate, { token: 't', coupon: { quantity: 1, issued: 0, validUntil: 1 } })
  const deps = { access, gateNow: async () => gate, changeMs: 1, termsMs: 1, pause: async () => {}, onTrouble() {} }
  await changeCoupon(deps, async () => {})
  await findPage(access, page, { newGeneration: 'g', refreshAfterMs: 1, ttlMs: 2, generationMs: 3 })
  await storePage(access, page, { generation: 'g', readAt: 1, ttlMs: 2, rows: '[]' })
  await lockDayRefresh(access, sums, { day: '2026-05-04', token: 't', lockMs: 1 })
  await storeDaySums(access, sums, { day: '2026-05-04', token: 't', dayMs: 1, isLast: true, sums: [['mug', 1]] })
  await topOfDays(access, sums, { days: ['2026-05-03', '2026-05-04'], wanted: 1 })
  await claimToken(access, tokens, { least: 0, tokenMs: 1 })
  await raiseToken(access, tokens, { claimed: 1, to: 2 })
  await probeWrite(access)
  return made
}

describe('Lua scripts', () => {
  let made: readonly ScriptCall[] = []
  beforeAll(async () => {
    made = await calls()
  })

  test('are all called by this test', () => {
    const marks = files.flatMap((file) => readFileSync(join(sources, file), 'utf8').match(/luaScript\(`/g) ?? [])
    expect(scripts).toHaveLength(marks.length)
    expect(made.map(({ text }) => text).sort()).toEqual(scripts.map(({ text }) => text).sort())
  })

  test('use keys of one cluster slot in one call', () => {
    for (const { keys } of made) {
      const slots = new Set(keys.map(slotOf))
      expect(slots.size, keys.join(' ')).toBe(1)
    }
  })

  test.each(scripts)('$file names the keys and arguments of its script, and uses no others', ({ comment, text }) => {
    expect(comment).toMatch(/^\/\/ KEYS: .+\. ARGV: .+/)
    const used = [...text.matchAll(/KEYS\[(\d+)\]/g)].map(([, index]) => Number(index))
    const named = /KEYS: (.+?)\. ARGV/.exec(comment)?.[1]?.split(', ') ?? []
    expect(named.length).toBeGreaterThanOrEqual(Math.max(1, ...used))
    // A cluster must know the keys before it runs the script, so no script makes a key of its own.
    for (const [, key] of text.matchAll(/redis[.]call\('(?!TIME)\w+', ([^,)]+)/g))
      expect(key).toMatch(/^(KEYS\[(\d+|index)\]|key)$/)
  })
})
