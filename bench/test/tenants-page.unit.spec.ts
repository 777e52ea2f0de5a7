import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rowsOf, type TenantsResults, tenantsTable } from '../src/tenants/tenants-results.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the page about many shops has the table of the last measurement', () => {
  const { parts } = JSON.parse(read('bench/results/tenants.json')) as { parts: TenantsResults }
  const rows = rowsOf(parts)
  expect(rows.length).toBeGreaterThan(0)
  expect(read('docs/operate/tenants.md')).toContain(`\n${tenantsTable(rows)}\n`)
})
