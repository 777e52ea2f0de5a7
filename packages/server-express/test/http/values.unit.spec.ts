import { expect, test } from 'vitest'
import { TokenCache } from '../../src/auth/token-cache.js'
import { languageOf } from '../../src/http/language.js'

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['ko', 'ko'],
  ['KO-kr', 'ko'],
  ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', 'ko'],
  ['en,ko', 'en'],
  ['ko,en', 'ko'],
  ['ko;q=0.5,en;q=0.9', 'en'],
  ['fr,ko;q=0.1', 'ko'],
  ['*,ko;q=0.9', 'en'],
  ['ko,*;q=0.5', 'ko'],
  ['ko;q=0', 'en'],
  ['ko;q=x', 'en'],
  ['kok', 'en'],
  ['korean', 'en'],
])('Accept-Language %s is answered in %s', (header, language) => {
  expect(languageOf(header)).toBe(language)
})

test('the token that was seen longest ago makes room', () => {
  const cache = new TokenCache(2)
  const entry = { caller: { userId: 'a', isAdministrator: false }, until: 100 }
  cache.put('one', entry)
  cache.put('two', entry)
  cache.get('one', 0)
  cache.put('three', entry)
  expect(['one', 'two', 'three'].map((token) => cache.get(token, 0) !== undefined)).toEqual([true, false, true])
  expect(cache.get('one', 100)).toBeUndefined()
})
