import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modes } from '../../src/conformance/kit/modes.js'
import { laws } from '../../src/conformance/laws/laws.js'
import { hunt } from './hunt.js'
import { mutants } from './mutants.js'
import { notesOf, rowHead } from './report.js'

const seed = 1

describe('the mutants', () => {
  for (const mutant of mutants) {
    it(`${mutant.id} ${mutant.title} is caught`, { timeout: 60_000 }, async () => {
      const caught = await hunt(mutant, { seed, effort: 3, shrinks: false })
      expect(caught, 'it survived').toBeDefined()
      expect(laws.map(({ id }) => id)).toEqual(expect.arrayContaining([...(caught?.laws ?? [])]))
    })
  }

  it('comprise M01 to M40, the bugs of well-known platforms, and the mistakes about money and selling', () => {
    const ids = mutants.map(({ id }) => id)
    const forty = Array.from({ length: 40 }, (_, index) => `M${String(index + 1).padStart(2, '0')}`)
    expect(ids.filter((id) => id.startsWith('M'))).toEqual(forty)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a mutant that is switched off', () => {
  for (const mutant of mutants) {
    it(`breaks no law: ${mutant.id}`, { timeout: 60_000 }, async () => {
      expect(await hunt(mutant, { seed, effort: 0.05, shrinks: false, isOn: false })).toBeUndefined()
    })
  }
})

describe('the page of mutants', () => {
  const page = readFileSync(new URL('../../../../docs/reference/mutants.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| [A-Z]\d/.test(line))

  it('has the row of every mutant, caught by each of three seeds', () => {
    expect(rows.map((row) => row.split('|').slice(0, 4).join('|').concat('|'))).toEqual(mutants.map(rowHead))
    for (const row of rows) expect(row).toMatch(/\| \d+ \/ \d+ \/ \d+ \|$/)
  })

  it('names only existing modes and laws', () => {
    const known = new Set([...laws, ...modes].map(({ id }) => id))
    const named = rows.flatMap((row) => row.split('|').slice(4, 6)).flatMap((cell) => cell.trim().split(', '))
    expect(named.filter((id) => !known.has(id))).toEqual([])
  })

  it('explains the mutants that replace another mistake', () => {
    expect(page.trimEnd().endsWith(notesOf(mutants))).toBe(true)
  })
})
