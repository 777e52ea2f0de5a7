import { isRedisAway, type RedisAway } from '../connection/redis-away.js'

/** More than half of the nodes. Two quorums always have a node in common. */
export const quorumOf = (nodes: number): number => Math.floor(nodes / 2) + 1

/**
 * Resolves with the first answers that form a quorum, and ignores later ones.
 * Rejects as soon as a quorum is impossible, with the most informative error.
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

/** The most informative of several errors: a bug, else a refusal of Redis, else another failure, else an open breaker. */
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
