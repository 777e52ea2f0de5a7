import type { Answer, Question } from './messages.js'

export const argumentOfParent = <T>(): T => JSON.parse(process.argv[2] ?? 'null') as T

/** Answers the questions of the process that started this one, until that one lets go; then ends what `end` ends. */
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
