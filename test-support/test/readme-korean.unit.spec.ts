import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const english = read('README.md')
const korean = read('README.ko.md')

const targetsOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target).filter((target) => !target.startsWith('README'))

const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)

const presetsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\| (`[a-z-]+`) \|/gm)].map(([, name = '']) => name)

test('README.ko.md has the sections, the code, the presets and the links of README.md', () => {
  expect(korean.match(/^## /gm)?.length).toBe(english.match(/^## /gm)?.length)
  expect(blocksOf(korean)).toEqual(blocksOf(english))
  expect(presetsOf(korean)).toEqual(presetsOf(english))
  expect([...targetsOf(korean)].sort()).toEqual([...targetsOf(english)].sort())
})

test('README.ko.md says which links lead to English pages', () => {
  const unmarked = [...korean.matchAll(/\]\(([^)]+)\)(?! \(영어\))/g)].map(([, target]) => target)
  expect(unmarked).toEqual(['README.md'])
})
