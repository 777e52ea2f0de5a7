import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { type Catch, hunt } from './hunt.js'
import { mutants } from './mutants.js'
import { findingsOf, type Hunted, notesOf, tableOf } from './report.js'

/** A factor on the usual number of histories of the in-memory store. */
const effort = 3
const seeds = [1, 2, 3]

const reports = new URL('../../../../reports/', import.meta.url)
const page = new URL('../../../../docs/reference/mutants.md', import.meta.url)

const write = (hunted: readonly Hunted[]): void => {
  const table = tableOf(hunted)
  mkdirSync(reports, { recursive: true })
  writeFileSync(new URL('mutants.md', reports), `# Mutants\n\n${table}\n\n${findingsOf(hunted)}`)
  console.log(table)
  if (process.env['SHOP_MUTANTS_PAGE'] !== 'write' || hunted.length < mutants.length) return
  const [head = ''] = readFileSync(page, 'utf8').split('<!-- table -->')
  writeFileSync(page, `${head}<!-- table -->\n\n${table}\n\n## Relatives\n\n${notesOf(mutants)}\n`)
}

describe('the mutants', () => {
  const hunted: Hunted[] = []

  afterAll(() => write(hunted))

  for (const mutant of mutants) {
    it(`${mutant.id} ${mutant.title} is caught with every seed`, { timeout: 300_000 }, async () => {
      const catches: (Catch | undefined)[] = []
      hunted.push({ mutant, catches })
      for (const seed of seeds) catches.push(await hunt(mutant, { seed, effort, shrinks: seed === seeds[0] }))
      expect(catches.map((each) => (each ? 'caught' : 'survived'))).toEqual(seeds.map(() => 'caught'))
    })
  }
})

describe('a mutant that is switched off', () => {
  for (const mutant of mutants) {
    it(`breaks no law: ${mutant.id}`, { timeout: 300_000 }, async () => {
      for (const seed of seeds)
        expect(await hunt(mutant, { seed, effort: 0.3, shrinks: false, isOn: false })).toBeUndefined()
    })
  }
})
