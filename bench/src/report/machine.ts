import { cpus, loadavg, totalmem } from 'node:os'

export interface Machine {
  readonly node: string
  readonly postgres: string
  readonly platform: string
  readonly processors: number
  readonly memoryGb: number
}

export const machineWith = (postgres: string): Machine => ({
  node: process.version,
  postgres,
  platform: `${process.platform} ${process.arch}`,
  processors: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
})

/** Load average of the last minute. */
export const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100
