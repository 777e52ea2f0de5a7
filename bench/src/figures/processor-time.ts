import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in these. */
const ticksPerSecond = 100

interface Usage {
  readonly parent: number
  /** Its own, and that of its children which have ended, in microseconds. */
  readonly used: number
}

const usageOf = (pid: number): Usage | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
    return { parent: Number(fields[1]), used: (ticks / ticksPerSecond) * 1e6 }
  } catch {
    return undefined
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
 * Processor time in microseconds that this process and all that it has started have used, Postgres and pgbench among them.
 * Nothing where the system does not tell. Unlike throughput, it hardly depends on what else the machine does.
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

/** The same of one process alone. */
export const processorTimeOf = (pid: number): number | undefined =>
  process.platform === 'linux' ? usageOf(pid)?.used : undefined
