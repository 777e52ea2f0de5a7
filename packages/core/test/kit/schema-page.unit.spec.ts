import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { schema, tableNames } from '../../src/store.js'

it('the page "Writing an adapter" shows the schema', () => {
  const access = {
    locked: 'locks',
    read: 'reads',
    'with-parent': 'loads with orders and products',
    never: 'only inserts',
  }
  const code = (fields: readonly string[]) => fields.map((field) => `\`${field}\``).join(', ') || '–'
  const rows = tableNames.map((name) => {
    const { key, access: how, mutable } = schema[name]
    return `| ${code([name])} | ${code(key)} | ${access[how]} | ${code(mutable)} |\n`
  })
  const page = readFileSync(new URL('../../../../docs/reference/write-an-adapter.md', import.meta.url), 'utf8')
  expect(page).toContain(`|---|---|---|---|\n${rows.join('')}\n`)
})
