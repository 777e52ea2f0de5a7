import { type Policies, PolicyError, presets } from '@shop/core'

/**
 * Can the schedule of the ranking be read, and does its time ever come? Core checks the expression itself. Loads
 * croner only for an expression that no preset has.
 * @throws PolicyError
 */
export const checkSchedule = async ({ ranking: { schedule: rule, timeZone } }: Policies): Promise<void> => {
  if (Object.values(presets).some(({ ranking }) => ranking.schedule === rule)) return
  const { isReadable } = await import('./occurrences.js')
  if (isReadable({ rule, timeZone })) return
  throw new PolicyError([{ path: 'ranking.schedule', reason: 'cannot be read, or its time never comes' }])
}
