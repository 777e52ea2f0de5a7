import { type Policies, PolicyError, presets } from '@shop/core'

/**
 * Checks that the schedule of the ranking is valid and occurs at least once. Core checks the syntax itself.
 * Loads croner only for an expression that no preset uses.
 * @throws PolicyError
 */
export const checkSchedule = async ({ ranking: { schedule: rule, timeZone } }: Policies): Promise<void> => {
  if (Object.values(presets).some(({ ranking }) => ranking.schedule === rule)) return
  const { isValidTiming } = await import('./occurrences.js')
  if (isValidTiming({ rule, timeZone })) return
  throw new PolicyError([{ path: 'ranking.schedule', reason: 'is invalid, or never occurs' }])
}
