import { noon } from './rows.js'

/** Every combination of options for transactions of a store. */
export const modes = [
  { pipeline: true, isolation: 'read committed' },
  { pipeline: false, isolation: 'read committed' },
  { pipeline: true, isolation: 'serializable' },
  { pipeline: false, isolation: 'serializable' },
] as const

export const clock = { now: () => noon }

/** Retries after a conflict, as the executor does. */
export const untilNoConflict = async (work: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'conflict') throw error
    }
  }
}
