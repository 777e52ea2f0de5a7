import { describe, expect, it } from 'vitest'
import { hunt } from './hunt.js'
import { mutants } from './mutants.js'

const seed = 1

describe('the mutants', () => {
  it.each(mutants)('$id $title is caught', { timeout: 60_000 }, async (mutant) => {
    const began = performance.now()
    const caught = await hunt(mutant, { seed, effort: 3, shrinks: false })
    console.log(mutant.id, caught?.by, caught?.runs, caught?.laws.join(' '), Math.round(performance.now() - began))
    expect(caught?.laws.length).toBeGreaterThan(0)
  })
})
