import { isStoreError } from './store-error.js'

interface Asker<Question, Found> {
  readonly question: Question
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/**
 * One read for many who ask: while a read is under way, those who arrive wait, and the next one is made for all of them.
 * Nobody is answered by a read that began before they asked, so each still sees everything that was committed before.
 * Who asks alone is read for at once. `readAll` answers with what each question found. A question that the store rejects
 * fails alone; where the store is away, all of them fail.
 */
export const readTogether = <Question, Found>(
  readAll: (questions: readonly Question[]) => Promise<(question: Question) => Found>,
): ((question: Question) => Promise<Found>) => {
  let waiting: Asker<Question, Found>[] = []
  let isReading = false

  const answer = async (askers: readonly Asker<Question, Found>[]): Promise<void> => {
    try {
      const found = await readAll(askers.map(({ question }) => question))
      for (const { question, resolve } of askers) resolve(found(question))
    } catch (error) {
      const isOfOne = isStoreError(error) && error.kind === 'rejected' && askers.length > 1
      if (!isOfOne) for (const { reject } of askers) reject(error)
      else await Promise.all(askers.map((asker) => answer([asker])))
    }
  }

  const readOn = async (): Promise<void> => {
    isReading = true
    while (waiting.length > 0) {
      const askers = waiting
      waiting = []
      await answer(askers)
    }
    isReading = false
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (!isReading) void readOn()
    })
}
