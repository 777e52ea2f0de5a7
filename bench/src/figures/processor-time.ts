import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts the processor time of terminated children in ticks. */
const ticksPerSecond = 100

interface Usage {
  readonly parent: number
  /** Processor time of the process and its terminated children, in microseconds. */
  readonly used: number
}

/** What the threads of a process have used, in microseconds: finer than ticks, which miss short work. */
const usedByThreads = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1_000, 0)

const usageOf = (pid: number): Usage | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticksOfChildren = Number(fields[13]) + Number(fields[14])
    return { parent: Number(fields[1]), used: usedByThreads(pid) + (ticksOfChildren / ticksPerSecond) * 1e6 }
  } catch {
    return undefined
  }
}

/** The process that started this one. Throws if there is no such process, or on other systems than Linux. */
export const parentOf = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
}

/** Whether a process of this machine is one of Postgres. */
export const isPostgres = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')
  } catch {
    return false
  }
}

const all = (): Map<number, Usage> => {
  const found = new Map<number, Usage>()
  for (const name of readdirSync('/proc')) {
    const usage = /^\d+$/.test(name) ? usageOf(Number(name)) : undefined
    if (usage) found.set(Number(name), usage)
  }
  return found
}

/**
 * Processor time of this process and all its descendants, in microseconds. It includes Postgres and pgbench.
 * Undefined if the system does not report it. Unlike throughput, it hardly depends on other load on the
 * machine.
 */
export const processorTime = (): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const usages = all()
  const isOurs = (pid: number): boolean => {
    const usage = usages.get(pid)
    return pid === process.pid || (usage !== undefined && isOurs(usage.parent))
  }
  return [...usages].filter(([pid]) => isOurs(pid)).reduce((sum, [, { used }]) => sum + used, 0)
}

/** Processor time of a process and all its descendants, in microseconds: of a whole Postgres by its postmaster. */
export const processorTimeUnder = (pid: number): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const usages = all()
  const isUnder = (each: number): boolean =>
    each === pid || (usages.get(each) ? isUnder(usages.get(each)?.parent ?? 0) : false)
  return [...usages].filter(([each]) => isUnder(each)).reduce((sum, [, { used }]) => sum + used, 0)
}

/** How Postgres titles its processes that serve no connection. */
const upkeep = /^postgres: (autovacuum|background|checkpointer|walwriter|io worker|logical|archiver|startup|stats)/

const titleOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Processor time of each open connection of a Postgres by its process, in microseconds. Undefined if it is not reported. */
export const processorTimeOfSessions = (postmaster: number): ReadonlyMap<number, number> | undefined => {
  if (process.platform !== 'linux') return undefined
  const sessions = [...all()].filter(([pid, { parent }]) => parent === postmaster && !upkeep.test(titleOf(pid)))
  return new Map(sessions.map(([pid, { used }]) => [pid, used]))
}

/** Processor time of one process, in microseconds. */
export const processorTimeOf = (pid: number): number | undefined =>
  process.platform === 'linux' ? usageOf(pid)?.used : undefined
