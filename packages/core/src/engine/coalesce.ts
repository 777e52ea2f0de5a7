import { systemTimer, type Timer } from '../shared/timer.js'
import { isStoreError } from '../store/store-error.js'
import { StallDetector } from './stall-detector.js'

interface Asker<Question, Found> {
  readonly question: Question
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/** How many reads are under way at most, the stuck ones among them. */
const atOnce = 4

/**
 * One read for many who ask: while a read is under way, those who arrive wait, and the next one is made for all of them.
 * Nobody is answered by a read that began before they asked, so each still sees everything that was committed before.
 * Who asks alone is read for at once; so are those who wait for a read that takes more than 100 ms, as on a connection that
 * has fallen silent. `readAll` answers with what each question found. A question that the store rejects fails alone;
 * where the store is away, all of them fail.
 */
export const coalesce = <Question, Found>(
  readAll: (questions: readonly Question[]) => Promise<(question: Question) => Found>,
  timer: Pick<Timer, 'pause'> = systemTimer,
): ((question: Question) => Promise<Found>) => {
  let waiting: Asker<Question, Found>[] = []
  const underWay: { isStuck: boolean }[] = []

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
    if (waiting.length === 0 || underWay.length >= atOnce) return
    if (underWay.every(({ isStuck }) => isStuck)) void readNext()
    else stuck.watch()
  }

  const readNext = async (): Promise<void> => {
    const askers = waiting
    waiting = []
    const reading = { isStuck: false }
    underWay.push(reading)
    await answer(askers)
    underWay.splice(underWay.indexOf(reading), 1)
    stuck.ended()
    readOn()
  }

  const stuck = new StallDetector(timer, (isStuck) => {
    if (isStuck) for (const reading of underWay) reading.isStuck = true
    readOn()
  })

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      readOn()
    })
}
