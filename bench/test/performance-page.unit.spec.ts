import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type GoalId, goals } from '../src/goals.js'
import { figure } from '../src/report/table.js'

const root = new URL('../../', import.meta.url)

interface Measured {
  readonly findings?: readonly { readonly goal: GoalId; readonly value: number; readonly verdict: string }[]
}

const { parts } = JSON.parse(readFileSync(new URL('bench/results/latest.json', root), 'utf8')) as {
  readonly parts: Readonly<Record<string, Measured>>
}
const findings = Object.values(parts).flatMap(({ findings = [] }) => findings)

/** The row of a goal in the page's table. */
const rowOf = (page: string, id: string): string | undefined =>
  page.split('\n').find((line) => line.startsWith(`| ${id} |`))

describe('the page on performance', () => {
  const page = readFileSync(new URL('docs/performance.md', root), 'utf8')

  it.each(goals.map((goal) => [goal.id, goal] as const))('shows goal %s as it was measured last', (id, { unit }) => {
    const finding = findings.find(({ goal }) => goal === id)
    expect(finding, `bench/results/latest.json has no goal ${id}`).toBeDefined()
    expect(rowOf(page, id)).toContain(`| ${figure(finding?.value ?? Number.NaN)}${unit} |`)
    expect(rowOf(page, id)).toContain(`| ${finding?.verdict} |`)
  })
})
