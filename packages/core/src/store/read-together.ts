import { isStoreError } from './store-error.js'

interface Asker<Question, Found> {
  readonly question: Question
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/** A read that has not ended for so long holds nobody else up: the next one is made beside it. */
const stuckMs = 100

/** How many reads are under way at most, the stuck ones among them. */
const atOnce = 4

/**
 * One read for many who ask: while a read is under way, those who arrive wait, and the next one is made for all of them.
 * Nobody is answered by a read that began before they asked, so each still sees everything that was committed before.
 * Who asks alone is read for at once; so are those who wait for a read that takes more than 100 ms, as on a connection that
 * has fallen silent. `readAll` answers with what each question found. A question that the store rejects fails alone;
 * where the store is away, all of them fail.
 */
export const readTogether = <Question, Found>(
  readAll: (questions: readonly Question[]) => Promise<(question: Question) => Found>,
): ((question: Question) => Promise<Found>) => {
  let waiting: Asker<Question, Found>[] = []
  let reading = 0
  let stuck = 0

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

  const readOn = (): void => {
    if (waiting.length > 0 && reading === stuck && reading < atOnce) void readNext()
  }

  const readNext = async (): Promise<void> => {
    const askers = waiting
    waiting = []
    reading += 1
    let isStuck = false
    const timer = setTimeout(() => {
      isStuck = true
      stuck += 1
      readOn()
    }, stuckMs)
    await answer(askers)
    clearTimeout(timer)
    reading -= 1
    if (isStuck) stuck -= 1
    readOn()
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      readOn()
    })
}
