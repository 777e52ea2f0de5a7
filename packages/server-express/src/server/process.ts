import type { Logger } from 'pino'
import type { Config } from '../config/config.js'
import type { Lifecycle } from './lifecycle.js'
import type { StartFailure } from './start-failure.js'

/** Thrown for a failure that can be explained in one line. */
export class StartError extends Error {
  readonly failure: StartFailure

  constructor(failure: StartFailure, cause: unknown) {
    super(failure.text, { cause })
    this.failure = failure
  }
}

/** Runs one step of the startup. Turns an error that `explain` recognises into a StartError. */
export const runStep = async <T>(
  work: Promise<T>,
  explain: (error: unknown) => StartFailure | undefined,
): Promise<T> => {
  try {
    return await work
  } catch (error) {
    const failure = explain(error)
    throw failure ? new StartError(failure, error) : error
  }
}

/** What every task works with. */
export interface Process {
  readonly config: Config
  readonly logger: Logger
  readonly lifecycle: Lifecycle
}

export const write = (text: string): void => {
  process.stdout.write(text)
}
