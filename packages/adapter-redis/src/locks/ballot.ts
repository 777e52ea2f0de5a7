/// <reference path="./redlock.d.ts" />
import type { Client, ExecutionStats } from 'redlock'
import type { RedisConnection } from '../connection/guard-redis.js'

/** A node as redlock sees it. Its breaker makes a node that is away cost nothing. */
export const voter = (connection: RedisConnection): Client => ({
  evalsha: (hash, keys, rest) => connection.guard((redis) => redis.evalsha(hash, keys, ...rest)),
  eval: (text, keys, rest) => connection.guard((redis) => redis.eval(text, keys, ...rest)),
})

export interface Ballot {
  /** Nodes that said that somebody else has the lock, or that it is not ours any more. */
  readonly taken: number
  /** What the others failed with that gave no vote. */
  readonly away: readonly Error[]
  readonly nodes: number
}

/** How the nodes voted when redlock failed; it says itself only that there was no quorum. Undefined for other errors. */
export const ballotOf = async (error: unknown): Promise<Ballot | undefined> => {
  const attempts = (error as { attempts?: readonly Promise<ExecutionStats>[] }).attempts
  const votes = await attempts?.at(-1)
  if (!votes) return undefined
  const against = [...votes.votesAgainst.values()]
  const away = against.filter(({ name }) => name !== 'ResourceLockedError')
  return { taken: against.length - away.length, away, nodes: votes.votesFor.size + against.length }
}
