import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { jwtAuthenticator } from '../../src/auth/authentication.js'
import { bearing } from './support/bearing.js'
import { secret, tokenFor } from './support/tokens.js'

const seconds = () => Math.floor(Date.now() / 1_000)
const own = jwtAuthenticator({ secret })
const bearer = (token: string) => `Bearer ${token}`

describe('a token has one spelling', () => {
  const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  /** Sets the unused bits of the last character. */
  const loosened = (part: string) => part.slice(0, -1) + base64url[base64url.indexOf(part.at(-1) ?? '') + 1]
  const signed = (unsigned: string) =>
    `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  const [header = '', payload = '', signature = ''] = tokenFor('a').split('.')
  const expires = seconds() + 3_600
  const spellings: readonly (readonly [string, string])[] = [
    ['padding', `${header}.${payload}.${signature}=`],
    ['much padding', `${header}.${payload}.${signature}====`],
    ['a blank at its end', `${header}.${payload}.${signature} `],
    ['a blank in its signature', `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`],
    ['a tab in its signature', `${header}.${payload}.${signature.slice(0, 9)}\t${signature.slice(9)}`],
    ['a tab before it', `\t${header}.${payload}.${signature}`],
    ['a new line', `${header}.${payload}.${signature}\n`],
    ['the other alphabet', `${header}.${payload}.${signature.slice(0, 9)}+/${signature.slice(11)}`],
    ['loose bits in its signature', `${header}.${payload}.${loosened(signature)}`],
    ['loose bits in its header', signed(`${loosened(encoded({ alg: 'HS256', typ: 'J' }))}.${payload}`)],
    ['loose bits in its payload', signed(`${header}.${loosened(encoded({ sub: 'abcd', exp: expires }))}`)],
    ['padding in its payload', signed(`${header}.${encoded({ sub: 'abcd', exp: expires })}=`)],
    ['more than 4 kB', tokenFor('a', '', { claims: { more: 'x'.repeat(4_000) } })],
  ]

  test.each(spellings)('refuses %s', async (_, token) => {
    expect(await own.authenticate(bearing(bearer(token)))).toBeUndefined()
  })

  test('the unchanged parts form a valid token', async () => {
    expect(await own.authenticate(bearing(bearer(`${header}.${payload}.${signature}`)))).toBeDefined()
    for (const [unsigned] of [
      [`${encoded({ alg: 'HS256', typ: 'J' })}.${payload}`],
      [`${header}.${encoded({ sub: 'abcd', exp: expires })}`],
    ] as const)
      expect(await own.authenticate(bearing(bearer(signed(unsigned))))).toBeDefined()
  })

  test('a token of nearly 4 kB is accepted', async () => {
    const token = tokenFor('a', '', { claims: { more: 'x'.repeat(2_800) } })
    expect(token.length).toBeGreaterThan(3_800)
    expect(await own.authenticate(bearing(bearer(token)))).toBeDefined()
  })

  test('refuses 15,000 spellings of a token that stays valid', async () => {
    for (let blanks = 1; blanks <= 15_000; blanks += 1) {
      const token = `${header}.${payload}.${signature.slice(0, 9)}${' '.repeat(blanks % 200)}${'\t'.repeat(blanks / 200)}${signature.slice(9)}`
      expect(await own.authenticate(bearing(bearer(token)))).toBeUndefined()
    }
    expect(await own.authenticate(bearing(bearer(`${header}.${payload}.${signature}`)))).toBeDefined()
  })
})
