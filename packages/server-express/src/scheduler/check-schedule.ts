import { type Policies, PolicyError, presets } from '@shop/core'

/**
 * Can node-schedule read when the ranking is to be computed, and does that time ever come? Core checks the expression
 * itself. Loads node-schedule only for an expression that no preset has.
 * @throws PolicyError
 */
export const checkSchedule = async ({ ranking: { schedule: rule, timeZone } }: Policies): Promise<void> => {
  if (Object.values(presets).some(({ ranking }) => ranking.schedule === rule)) return
  const { isReadable } = await import('./timetable.js')
  if (isReadable({ rule, timeZone })) return
  throw new PolicyError([{ path: 'ranking.schedule', reason: 'cannot be read, or its time never comes' }])
}
