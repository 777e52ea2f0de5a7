import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = new URL('../src/scripts/', import.meta.url)
const scripts = readdirSync(folder).filter((file) => file.endsWith('.lua'))

test('every script has its module in step', () => {
  const program = fileURLToPath(new URL('../../../scripts/lua-texts.mjs', import.meta.url))
  expect(() => execFileSync(process.execPath, [program, '--check'])).not.toThrow()
})

test.each(scripts)('%s says what it is for, what it takes and what it answers', (file) => {
  const header = readFileSync(new URL(file, folder), 'utf8').split('\n\n')[0] ?? ''
  expect(header).toMatch(/^-- \S.*\n--\n-- KEYS .*\n-- Answer /s)
})
