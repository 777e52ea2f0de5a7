import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Entry {
  readonly decided?: string
  readonly tests: Readonly<Record<string, readonly string[]>>
}
type Table = Readonly<Record<string, Entry>>

const check = (...file: readonly string[]) => {
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'scripts/behaviours.mjs'), '--check', ...file], {
    encoding: 'utf8',
  })
  return { output: stdout.trim(), status }
}

const checkTable = (table: Table) => {
  const folder = join(root, '.tsbuild', 'behaviours')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'table.json')
  writeFileSync(file, JSON.stringify(table))
  return check(file)
}

const table = JSON.parse(readFileSync(join(root, 'docs/traceability.json'), 'utf8')) as Table
const file = 'packages/core/test/unit/coupon-issue.unit.spec.ts'

test('every behaviour has a living test or a decision, and the page is current', () => {
  expect(check()).toEqual({ output: '', status: 0 })
})

test.each<[string, (table: Table) => Table, string]>([
  ['a missing entry', ({ B152: _, ...others }) => others, 'B152 has no entry'],
  [
    'an entry without test and decision',
    (all) => ({ ...all, B152: { tests: {} } }),
    'B152 has neither a test nor a decision',
  ],
  [
    'a title that does not exist',
    (all) => ({ ...all, B152: { tests: { [file]: ['no such title'] } } }),
    `B152 names a test that does not exist: ${file} “no such title”`,
  ],
  [
    'a file that does not exist',
    (all) => ({ ...all, B152: { tests: { 'no-such.spec.ts': ['title'] } } }),
    'B152 names a file that does not exist: no-such.spec.ts',
  ],
  [
    'a number that the specification does not have',
    (all) => ({ ...all, B999: { tests: {} } }),
    'B999 is not a behaviour',
  ],
])('%s is reported', (_, change, expected) => {
  const { output, status } = checkTable(change(table))
  expect(output).toContain(expected)
  expect(status).toBe(1)
})
