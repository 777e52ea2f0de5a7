import type * as fc from 'fast-check'

const given = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined || text === '' ? undefined : Number(text)
}

/** As in core's own histories: SHOP_TEST_SEED, SHOP_TEST_PATH, SHOP_TEST_RUNS, SHOP_TEST_SHRINK=off. */
export const tries = (runs: number): fc.Parameters<unknown> => {
  const seed = given('SHOP_TEST_SEED')
  const path = process.env['SHOP_TEST_PATH']
  return {
    numRuns: given('SHOP_TEST_RUNS') ?? runs,
    ...(seed !== undefined && { seed }),
    ...(path && { path }),
    ...(process.env['SHOP_TEST_SHRINK'] === 'off' && { endOnFailure: true }),
    // Real transactions overlap by chance: a smaller history that fails once is small enough.
    interruptAfterTimeLimit: 120_000,
  }
}
