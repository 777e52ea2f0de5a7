import type { Contestant } from '../figures/in-turn.js'
import type { Library } from '../library/library.js'
import type { LibraryRun } from '../library/questions.js'
import type { WorkloadName } from '../library/workloads.js'
import type { Settings } from '../settings.js'
import { type Baseline, runPgbench } from '../stage/pgbench.js'

/** Who ask at once, where a goal names no other number. */
export const manyCallers = 512

export const pgbenchTurns = (url: string, baseline: Baseline, { seconds }: Settings): Contestant => ({
  name: `pgbench ${baseline}`,
  unit: '/s',
  turn: async () => (await runPgbench(url, baseline, { seconds })).perSecond,
})

export interface TurnsOptions {
  readonly name: string
  readonly callers?: number
  /** Where each run is laid, with all that was seen of it. */
  readonly runs?: LibraryRun[]
}

export const libraryTurns = (
  library: Library,
  workload: WorkloadName,
  { seconds }: Settings,
  { name, callers = manyCallers, runs }: TurnsOptions,
): Contestant => ({
  name,
  unit: '/s',
  async turn() {
    const run = await library.run(workload, { callers, ms: seconds * 1_000 })
    runs?.push(run)
    return run.perSecond
  },
})

/** Compiled code, filled pools, prepared statements: what every server has after a moment. */
export const warmUp = async (library: Library, workload: WorkloadName, { seconds }: Settings): Promise<void> => {
  await library.run(workload, { callers: manyCallers, ms: 1_000 * Math.min(2, seconds) })
}
