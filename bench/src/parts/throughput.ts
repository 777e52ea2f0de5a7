import type { Contestant } from '../figures/in-turn.js'
import type { Library } from '../library/library.js'
import type { LibraryRun } from '../library/questions.js'
import type { WorkloadName } from '../library/workloads.js'
import type { Settings } from '../settings.js'
import { type Baseline, runPgbench } from '../stage/pgbench.js'

/** Number of concurrent callers, unless a goal specifies another. */
export const manyCallers = 512

export const pgbenchTurns = (url: string, baseline: Baseline, { seconds }: Settings): Contestant => ({
  name: `pgbench ${baseline}`,
  unit: '/s',
  async turn() {
    const { perSecond, count } = await runPgbench(url, baseline, { seconds })
    return { figure: perSecond, count }
  },
})

export interface TurnsOptions {
  readonly name: string
  readonly callers?: number
  /** Commands of one call. @default 1 */
  readonly commands?: number
  /** Collects the details of each run. */
  readonly runs?: LibraryRun[]
}

export const libraryTurns = (
  library: Library,
  workload: WorkloadName,
  { seconds }: Settings,
  { name, callers = manyCallers, commands = 1, runs }: TurnsOptions,
): Contestant => ({
  name,
  unit: '/s',
  async turn() {
    const run = await library.run(workload, { callers, ms: seconds * 1_000 })
    runs?.push(run)
    return { figure: run.perSecond * commands, count: run.count * commands }
  },
})

const warmCommands = 20_000
const warmTurns = 15

/** Warms up: compiles code, fills pools and prepares statements. This takes longer on a busy machine. */
export const warmUp = async (library: Library, workload: WorkloadName, { seconds }: Settings): Promise<void> => {
  const ms = 1_000 * Math.min(2, seconds)
  const turns = seconds < 1 ? 1 : warmTurns
  for (let turn = 0, done = 0; turn < turns && done < warmCommands; turn += 1) {
    done += (await library.run(workload, { callers: manyCallers, ms })).count
  }
}
