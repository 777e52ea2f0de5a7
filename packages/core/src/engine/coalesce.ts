import { systemTimer, type Timer } from '../shared/timer.js'
import { isStoreError } from '../store/store-error.js'
import { StallDetector } from './stall-detector.js'

interface Waiting<Question, Found> {
  readonly question: Question
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/** How many reads run at once, stalled ones included. */
const maxReads = 4

/**
 * Coalesces reads: while one runs, later questions wait, and the next read serves all of them. A question that arrives while
 * none runs is read at once.
 *
 * A read never serves a question that arrived after it began, so each caller sees everything committed before its call. A
 * read that takes longer than 100 ms, as on a dead connection, no longer holds up the questions that wait.
 *
 * `readAll` resolves with a function that finds the answer to each question. If it fails, all its questions fail. If the
 * store rejects the data, each question is read alone, so that only the wrong one fails.
 */
export const coalesce = <Question, Found>(
  readAll: (questions: readonly Question[]) => Promise<(question: Question) => Found>,
  timer: Pick<Timer, 'pause'> = systemTimer,
): ((question: Question) => Promise<Found>) => {
  let waiting: Waiting<Question, Found>[] = []
  const running: { isStalled: boolean }[] = []

  const answer = async (batch: readonly Waiting<Question, Found>[]): Promise<void> => {
    try {
      const found = await readAll(batch.map(({ question }) => question))
      for (const { question, resolve } of batch) resolve(found(question))
    } catch (error) {
      const isOneWrong = isStoreError(error) && error.kind === 'rejected' && batch.length > 1
      if (!isOneWrong) for (const { reject } of batch) reject(error)
      else await Promise.all(batch.map((each) => answer([each])))
    }
  }

  const readNext = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    const read = { isStalled: false }
    running.push(read)
    await answer(batch)
    running.splice(running.indexOf(read), 1)
    stalls.progressed()
    pump()
  }

  const pump = (): void => {
    if (waiting.length === 0 || running.length >= maxReads) return
    if (running.every(({ isStalled }) => isStalled)) void readNext()
    else stalls.watch()
  }

  const stalls = new StallDetector(timer, (isStalled) => {
    if (isStalled) for (const read of running) read.isStalled = true
    pump()
  })

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      pump()
    })
}
