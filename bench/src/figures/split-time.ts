import type { Contestant } from './in-turn.js'
import { processorTimeOf, processorTimeUnder } from './processor-time.js'

/** Processor time per command in microseconds, one per round. Empty if the system does not report it. */
export interface SplitTime {
  readonly node: number[]
  readonly postgres: number[]
}

export interface Processes {
  /** The process of Node that sends the commands. */
  readonly node: number
  /** The process of the whole Postgres, or 0 if it is unknown. */
  readonly postmaster: number
}

/** Processor time so far, in microseconds. Undefined if the system does not report it. */
export const usedBy = ({ node, postmaster }: Processes): { node: number; postgres: number } | undefined => {
  const [own, postgres] = [processorTimeOf(node), postmaster === 0 ? undefined : processorTimeUnder(postmaster)]
  return own === undefined || postgres === undefined ? undefined : { node: own, postgres }
}

/** The same contestant, for which only these processes count. Both parts of its time are added to `into`. */
export const splitting = (contestant: Contestant, processes: Processes, into: SplitTime): Contestant => ({
  ...contestant,
  async turn() {
    const before = usedBy(processes)
    const turn = await contestant.turn()
    const after = usedBy(processes)
    if (turn.count !== undefined && before && after) {
      into.node.push((after.node - before.node) / turn.count)
      into.postgres.push((after.postgres - before.postgres) / turn.count)
    }
    return turn
  },
  processor() {
    const used = usedBy(processes)
    return used && used.node + used.postgres
  },
})
