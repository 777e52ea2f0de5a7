import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { optionNames } from '../../src/server/check-options.js'

const page = readFileSync(new URL('../../../../docs/reference/server-options.md', import.meta.url), 'utf8')

test('docs/reference/server-options.md describes every option of createServer once', () => {
  const described = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
  expect(described.toSorted()).toEqual(optionNames.toSorted())
})
