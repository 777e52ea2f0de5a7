import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/behaviours.md'), 'utf8')

const check = (text: string) => {
  const folder = join(root, '.tsbuild', 'behaviours')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'page.md')
  writeFileSync(file, text)
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'scripts/behaviours.mjs'), '--check', file], {
    encoding: 'utf8',
  })
  return { said: stdout.trim(), status }
}

test('every behaviour is shown by tests that are there, or decided', () => {
  expect(check(page)).toEqual({ said: '', status: 0 })
})

test.each([
  ['a number without a row', /^\| B152 .*\n/m, '', 'B152 has no row'],
  ['a row without a place', /^(\| B152 (?:[^|]*\|){4}).*$/m, '$1  |', 'B152 has neither a test nor a decision'],
  ['a title that is gone', '“names the coupon and the copy', '“names', 'B152 names a test that is not there'],
])('%s is found', (_, before, after, expected) => {
  const damaged = page.replace(before, after)
  expect(damaged).not.toBe(page)
  const { said, status } = check(damaged)
  expect(said).toContain(expected)
  expect(status).toBe(1)
})
