import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { goals } from '../src/goals.js'
import { markdownTable } from '../src/report/markdown.js'
import type { Finding } from '../src/results.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const { parts } = JSON.parse(read('bench/results/latest.json')) as {
  readonly parts: Readonly<Record<string, { readonly findings?: readonly Finding[] }>>
}
const findings = Object.values(parts).flatMap(({ findings = [] }) => findings)

describe('the performance page', () => {
  it('shows every goal', () => {
    const measured = findings.map(({ goal }) => goal)
    expect(goals.map(({ id }) => id).filter((id) => !measured.includes(id))).toEqual([])
  })

  it('holds the table of what was measured last', () => {
    expect(read('docs/operate/performance.md')).toContain(`\n${markdownTable(findings)}\n`)
  })
})
