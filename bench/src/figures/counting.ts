import { type Counters, countersOf } from '../stage/counters.js'
import type { Contestant } from './in-turn.js'
import { processorTimeOfSessions } from './processor-time.js'
import { type Processes, usedBy } from './split-time.js'
import { median } from './statistics.js'

/** What one command of a turn cost, and what else Postgres did meanwhile. */
export interface Counted {
  /** Processor time in microseconds. Not a number if the system does not report it. */
  readonly node: number
  /** Of the connections. */
  readonly postgres: number
  /** Of the processes of Postgres that vacuum, analyze, write checkpoints and the log. */
  readonly upkeep: number
  /** Pages that were looked at, and those among them that were not in shared buffers. */
  readonly pages: number
  readonly pagesRead: number
  readonly logBytes: number
  /** Whole pages in the log: the first change of a page after a checkpoint. */
  readonly pageImages: number
  readonly fileBytes: number
  /** In the whole turn, not of a command. */
  readonly checkpoints: number
  readonly vacuums: number
  readonly analyses: number
}

const rounded = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 1 ? 1 : 3)

const several = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

/** One line of text. */
export const describeCounted = (each: Counted): string => {
  const time = Number.isNaN(each.node)
    ? []
    : [`Node ${rounded(each.node)} µs, Postgres ${rounded(each.postgres)} µs and ${rounded(each.upkeep)} µs of upkeep`]
  const costs = [
    ...time,
    `${rounded(each.pages)} pages (${rounded(each.pagesRead)} read)`,
    `${rounded(each.logBytes)} B of log`,
    `${rounded(each.pageImages)} page images`,
    `files grow by ${rounded(each.fileBytes)} B`,
  ]
  const meanwhile = [
    ...several(each.checkpoints, 'checkpoint', 'checkpoints'),
    ...several(each.vacuums, 'vacuum', 'vacuums'),
    ...several(each.analyses, 'analyze', 'analyzes'),
  ]
  return [costs.join(', '), ...(meanwhile.length > 0 ? [meanwhile.join(', ')] : [])].join('; ')
}

/** The median of each number. */
export const medianOf = (turns: readonly Counted[]): Counted => {
  const of = (name: keyof Counted) => median(turns.map((each) => each[name]))
  return {
    node: of('node'),
    postgres: of('postgres'),
    upkeep: of('upkeep'),
    pages: of('pages'),
    pagesRead: of('pagesRead'),
    logBytes: of('logBytes'),
    pageImages: of('pageImages'),
    fileBytes: of('fileBytes'),
    checkpoints: of('checkpoints'),
    vacuums: of('vacuums'),
    analyses: of('analyses'),
  }
}

/**
 * What the counters say of each of `count` commands. Backends report at most once a second, so what they report is divided by
 * the rows that they report with it.
 */
export const countedBetween = (before: Counters, after: Counters, count: number): Omit<Counted, keyof Times> => {
  const reported = Math.max(1, after.inserted - before.inserted)
  return {
    pages: (after.pages - before.pages) / reported,
    pagesRead: (after.pagesRead - before.pagesRead) / reported,
    pageImages: (after.pageImages - before.pageImages) / reported,
    logBytes: (after.logBytes - before.logBytes) / count,
    fileBytes: (after.fileBytes - before.fileBytes) / count,
    checkpoints: after.checkpoint === before.checkpoint ? 0 : 1,
    vacuums: after.vacuums - before.vacuums,
    analyses: after.analyses - before.analyses,
  }
}

interface CountingOptions extends Processes {
  readonly url: string
  /** The table into which each command inserts one row. */
  readonly table: string
}

type Times = Pick<Counted, 'node' | 'postgres' | 'upkeep'>

/** What the processes have used so far. */
const usedSoFar = (processes: Processes) => ({
  all: usedBy(processes),
  sessions: processorTimeOfSessions(processes.postmaster),
})

type Used = ReturnType<typeof usedSoFar>

/** Connections that have ended meanwhile were idle. */
const timesBetween = (before: Used, after: Used): Times => {
  const { sessions } = before
  if (!before.all || !after.all || !sessions || !after.sessions) {
    return { node: Number.NaN, postgres: Number.NaN, upkeep: Number.NaN }
  }
  const postgres = [...after.sessions].reduce((sum, [pid, used]) => sum + used - (sessions.get(pid) ?? 0), 0)
  // Processes that have ended are counted in ticks.
  const upkeep = Math.max(0, after.all.postgres - before.all.postgres - postgres)
  return { node: after.all.node - before.all.node, postgres, upkeep }
}

/** The same contestant. What each of its turns cost is added to `into`. */
export const counting = (contestant: Contestant, options: CountingOptions, into: Counted[]): Contestant => ({
  ...contestant,
  async turn() {
    const before = await countersOf(options)
    const used = usedSoFar(options)
    const turn = await contestant.turn()
    const times = timesBetween(used, usedSoFar(options))
    const { count = 1 } = turn
    const counted: Counted = {
      node: times.node / count,
      postgres: times.postgres / count,
      upkeep: times.upkeep / count,
      ...countedBetween(before, await countersOf(options), count),
    }
    into.push(counted)
    return { ...turn, remark: describeCounted(counted) }
  },
})
