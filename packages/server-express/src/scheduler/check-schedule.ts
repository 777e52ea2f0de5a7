import { type Policies, PolicyError, presets } from '@shop/core'

/**
 * Checks the schedule of the ranking: it must be valid and must occur at some time. Core checks the syntax
 * itself. Loads croner only for an expression that no preset uses.
 * @throws PolicyError
 */
export const checkSchedule = async ({ ranking: { schedule: rule, timeZone } }: Policies): Promise<void> => {
  if (Object.values(presets).some(({ ranking }) => ranking.schedule === rule)) return
  const { isValidTiming } = await import('./occurrences.js')
  if (isValidTiming({ rule, timeZone })) return
  throw new PolicyError([{ path: 'ranking.schedule', reason: 'is invalid, or never occurs' }])
}
