import type * as fc from 'fast-check'

const given = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined || text === '' ? undefined : Number(text)
}

/**
 * How often a property is tried. A failure prints its seed and path: run the same again with SHOP_TEST_SEED=…
 * SHOP_TEST_PATH=…, or search longer with SHOP_TEST_RUNS=… (SHOP_TEST_SHRINK=off: without making it small).
 */
export const tries = (runs: number): fc.Parameters<unknown> => {
  const seed = given('SHOP_TEST_SEED')
  const path = process.env['SHOP_TEST_PATH']
  return {
    numRuns: given('SHOP_TEST_RUNS') ?? runs,
    ...(seed !== undefined && { seed }),
    ...(path && { path }),
    ...(process.env['SHOP_TEST_SHRINK'] === 'off' && { endOnFailure: true }),
    // A history is minimal enough long before the last step is shrunk.
    interruptAfterTimeLimit: 120_000,
  }
}
