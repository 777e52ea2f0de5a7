import { availableParallelism } from 'node:os'

/** A number of worker processes, or `auto`: one for each processor beside the one of the engine. */
export type Workers = number | 'auto'

/** How many worker processes answer HTTP. 1: this process answers itself. */
export const workerCount = (workers: Workers = 1): number =>
  workers === 'auto' ? Math.max(1, availableParallelism() - 1) : workers
