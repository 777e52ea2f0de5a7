import { accept, defineCommand, put } from '../../engine/command.js'
import { checkFields } from '../../shared/check.js'

/** The name under which repairs are fenced. */
export const repairJob = 'repair'

/** Starts a repair: its result is a fencing token. Cures of earlier repairs are refused from now on. */
export const startRepair = defineCommand<Readonly<Record<string, never>>, number>({
  name: 'start-repair',
  check: (input) => checkFields(input, {}),
  keys: () => ({ lock: { fences: [repairJob] } }),
  decide(facts) {
    const token = (facts.fence(repairJob)?.token ?? 0) + 1
    return accept(token, [put('fences', { job: repairJob, token })])
  },
})
