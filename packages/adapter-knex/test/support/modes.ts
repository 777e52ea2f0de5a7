import { noon } from './rows.js'

/** Every way in which a store can be told to run its transactions. */
export const modes = [
  { pipeline: true, isolation: 'read committed' },
  { pipeline: false, isolation: 'read committed' },
  { pipeline: true, isolation: 'serializable' },
  { pipeline: false, isolation: 'serializable' },
] as const

export const clock = { now: () => noon }

/** Tries again what collided, as the executor does. */
export const untilNoConflict = async (work: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'conflict') throw error
    }
  }
}
