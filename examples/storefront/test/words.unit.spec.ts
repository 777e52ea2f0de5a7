import { laws } from '@shop/core/store'
import { expect, test } from 'vitest'
import { en } from '../src/words/en.js'
import { ko } from '../src/words/ko.js'
import { lawIds, lawSentence } from '../src/words/laws.js'

/** The paths of all texts, including functions. */
const pathsOf = (value: object, path = ''): readonly string[] =>
  Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'object' ? pathsOf(each, `${path}${name}.`) : [`${path}${name}`],
  )

test('every law has a sentence in both languages, in the same order', () => {
  expect(lawIds).toEqual(laws.map(({ id }) => id))
  for (const law of lawIds) {
    expect(lawSentence(law, 'en')).toMatch(/^[A-Z].*\.$/)
    expect(lawSentence(law, 'ko')).toMatch(/[가-힣].*다\.$/)
  }
  expect(lawSentence('NEW-LAW', 'ko', 'A new law.')).toBe('A new law.')
})

test('both languages have the same texts, and the Korean ones are in Korean', () => {
  expect(pathsOf(ko)).toEqual(pathsOf(en))
  const texts = Object.entries(ko).flatMap(([, group]) => (typeof group === 'object' ? Object.entries(group) : []))
  const foreign = texts.filter(([, text]) => typeof text === 'string' && !/[가-힣]/.test(text)).map(([name]) => name)
  expect(foreign).toEqual(['language'])
})
