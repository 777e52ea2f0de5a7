import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chargeBalance, grantBonus, metadata, withdrawBalance } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop } from '../../src/index.js'
import { given, walletOf } from '../../src/testing/index.js'

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

/** Metadata whose JSON has exactly this many bytes: nine texts of 400 and one for the rest. */
const ofBytes = (bytes: number, filler = 'x') => {
  const filled = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, 'x'.repeat(400)]))
  const rest = bytes - bytesOf({ ...filled, last: '' })
  const width = bytesOf(filler) - 2
  return { ...filled, last: 'x'.repeat(rest % width) + filler.repeat(Math.floor(rest / width)) }
}

describe('metadata', () => {
  it.each([
    ['nothing', {}],
    ['an empty value', { note: '' }],
    ['20 keys', keys(20)],
    ['a key of 40 characters', { ['k'.repeat(40)]: 'v' }],
    ['every character that a key may have', { 'aZ09_.-': 'v' }],
    ['the name of a method', { toString: 'v', constructor: 'v', toJSON: 'v' }],
    ['a value of 500 code points', { note: '🎁'.repeat(500) }],
    ['4,096 bytes', ofBytes(4_096)],
    ['4,096 bytes of characters of three bytes', ofBytes(4_096, '돈')],
  ])('may be %s', (_, value) => {
    expect(metadata(value)).toBeUndefined()
  })

  it.each<readonly [string, unknown, string]>([
    ['nothing at all', null, 'must be an object'],
    ['a list', ['a'], 'must be an object'],
    ['a text', 'note', 'must be an object'],
    ['21 keys', keys(21), 'must have at most 20 keys'],
    ['an empty key', { '': 'v' }, 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'],
    ['a key of 41 characters', { ['k'.repeat(41)]: 'v' }, 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'],
    ['a key with a space', { 'a b': 'v' }, 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'],
    ['a key with a line break', { 'a\n': 'v' }, 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'],
    ['a key with a letter of another alphabet', { 키: 'v' }, 'must have keys of 1 to 40 characters of A-Za-z0-9_.-'],
    ...[1, null, true, ['v'], { a: 'v' }, undefined, 'x'.repeat(501), 'a\0', '\ud83c', '\udf81'].map(
      (value) =>
        [
          `the value ${JSON.stringify(value)?.slice(0, 20)}`,
          { note: value },
          'must have well-formed texts of at most 500 characters as values',
        ] as const,
    ),
    ['4,097 bytes', ofBytes(4_097), 'must be at most 4096 bytes of JSON'],
    ['4,097 bytes of characters of three bytes', ofBytes(4_097, '돈'), 'must be at most 4096 bytes of JSON'],
  ])('may not be %s', (_, value, message) => {
    expect(metadata(value)).toBe(message)
  })

  it('is measured in bytes of its JSON', () => {
    const character = fc.constantFrom('x', 'é', '돈', '🎁', '"', '\u0001', '\0')
    const text = fc.tuple(character, fc.nat({ max: 520 })).map(([each, length]) => each.repeat(length))
    const value = fc.dictionary(fc.constantFrom('a', 'b.c', 'D-1', 'e'), text)
    fc.assert(
      fc.property(value, (given) => {
        const isSound = Object.values(given).every((each) => [...each].length <= 500 && !each.includes('\0'))
        expect(metadata(given) === undefined).toBe(isSound && bytesOf(given) <= 4_096)
      }),
    )
  })
})

describe('the metadata of an entry', () => {
  const story = () => given(walletOf({ balance: 1_000 }))
  const money = { userId: 'u1', amount: 10 }

  it.each([
    ['a charge', (metadata: object) => story().when(chargeBalance, { ...money, metadata: { ...metadata } })],
    ['a grant', (metadata: object) => story().when(grantBonus, { ...money, metadata: { ...metadata } })],
    ['a withdrawal', (metadata: object) => story().when(withdrawBalance, { ...money, metadata: { ...metadata } })],
  ])('of %s is stored as given; an empty object is none', (_, act) => {
    const stored = (metadata: object | null) => ({ wallets: { updated: [{}] }, entries: { inserted: [{ metadata }] } })
    act({ provider: 'toss', empty: '' }).thenChanges(stored({ provider: 'toss', empty: '' }))
    act({}).thenChanges(stored(null))
    act({ 'a b': 'v' }).thenRefused('INVALID_REQUEST', { errors: [{ path: 'metadata' }] })
  })

  it('is a copy: the caller may change its own object afterwards', async () => {
    const shop = createShop({ store: inMemoryStore() })
    const own = { provider: 'toss' }
    await shop.balance.charge({ ...money, metadata: own })
    own.provider = 'spoilt'
    expect((await shop.balance.history({ userId: 'u1' })).items).toMatchObject([{ metadata: { provider: 'toss' } }])
  })
})
