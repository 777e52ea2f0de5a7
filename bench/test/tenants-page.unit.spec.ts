import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type TenantsResults, tenantsTable } from '../src/tenants/rows.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the page about many shops holds the table of what was measured last', () => {
  const { rows } = JSON.parse(read('bench/results/tenants.json')) as TenantsResults
  expect(rows.length).toBeGreaterThan(0)
  expect(read('docs/operate/tenants.md')).toContain(`\n${tenantsTable(rows)}\n`)
})
