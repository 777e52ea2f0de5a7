import type { Answer, Question } from './messages.js'

export const argumentOfParent = <T>(): T => JSON.parse(process.argv[2] ?? 'null') as T

/** Responds to messages of the parent process until it disconnects, then calls `end`. */
export const answerParent = <Q, A>(answer: (question: Q) => Promise<A>, end: () => Promise<void>): void => {
  process.on('message', ({ number, question }: Question) => {
    answer(question as Q).then(
      (answer) => process.send?.({ number, answer } satisfies Answer),
      (error: unknown) =>
        process.send?.({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.once('disconnect', () => void end().finally(() => process.exit()))
}
