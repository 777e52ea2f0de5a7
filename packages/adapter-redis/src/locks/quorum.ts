import { isRedisAway, type RedisAway } from '../connection/redis-away.js'

/** More than half: two quorums always have a node in common. */
export const quorumOf = (nodes: number): number => Math.floor(nodes / 2) + 1

/**
 * Resolves with the first answers that make a quorum; the rest may come when they like. Rejects as soon as so many failed that
 * there can be none, with an error of theirs that tells what is wrong.
 */
export const answersOf = <T>(calls: readonly Promise<T>[]): Promise<readonly T[]> =>
  new Promise((resolve, reject) => {
    const quorum = quorumOf(calls.length)
    const answers: T[] = []
    const errors: unknown[] = []
    for (const call of calls) {
      call.then(
        (answer) => {
          answers.push(answer)
          if (answers.length === quorum) resolve([...answers])
        },
        (error) => {
          errors.push(error)
          if (errors.length > calls.length - quorum) reject(tellingOf(errors))
        },
      )
    }
  })

/** Of several errors the one that tells most: a mistake, else what Redis said, else whatever came last. */
export const tellingOf = (errors: readonly unknown[]): unknown => {
  const isAway = (error: unknown, ...reasons: readonly RedisAway['reason'][]) =>
    isRedisAway(error) && reasons.includes(error.reason)
  return (
    errors.find((error) => !isRedisAway(error)) ??
    errors.find((error) => isAway(error, 'refused')) ??
    errors.find((error) => !isAway(error, 'open')) ??
    errors.at(-1)
  )
}
