import type * as fc from 'fast-check'

const numberOf = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined || text === '' ? undefined : Number(text)
}

/**
 * How often a property is tried: `runs` times with a new seed. A failure prints its seed and path; SHOP_TEST_SEED and
 * SHOP_TEST_PATH repeat the run. SHOP_TEST_RUNS sets the number of runs. SHOP_TEST_SHRINK=off disables shrinking.
 */
export const search = (runs: number): fc.Parameters<unknown> => {
  const seed = numberOf('SHOP_TEST_SEED')
  const path = process.env['SHOP_TEST_PATH']
  return {
    numRuns: numberOf('SHOP_TEST_RUNS') ?? runs,
    ...(seed !== undefined && { seed }),
    ...(path && { path }),
    ...(process.env['SHOP_TEST_SHRINK'] === 'off' && { endOnFailure: true }),
  }
}
