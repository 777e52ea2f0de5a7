import { expect, test } from 'vitest'
import { argumentsOfNode } from '../../src/workers/arguments-of-node.js'

test.each([
  ['--max-old-space-size=512 --import ./trace.mjs', '--max-old-space-size=512 --import ./trace.mjs'],
  ['--input-type=module -e start()', ''],
  ['--input-type module --eval start() --enable-source-maps', '--enable-source-maps'],
  ['--eval=start() --conditions dev', '--conditions dev'],
  ['-p --no-warnings', '--no-warnings'],
  ['-pe start()', ''],
])('workers run their own program, not that of %s', (given, taken) => {
  expect(argumentsOfNode(given.split(' ')).join(' ')).toBe(taken)
})
