import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { optionNames } from '../../src/server/check-options.js'
import { shopsOptionNames } from '../../src/server/check-shops-options.js'

const page = readFileSync(new URL('../../../../docs/reference/server-options.md', import.meta.url), 'utf8')
const [ofOne = '', ofMany = ''] = page.split('## Many shops')

const namesIn = (part: string): readonly string[] => [...part.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)

test('docs/reference/server-options.md describes every option of createServer once', () => {
  expect(namesIn(ofOne).toSorted()).toEqual(optionNames.toSorted())
})

test('docs/reference/server-options.md describes every option that createShops adds', () => {
  // The pool is an option of both, with another meaning.
  expect(namesIn(ofMany).toSorted()).toEqual([...shopsOptionNames, 'databasePool'].toSorted())
})
