/// <reference path="./redlock.d.ts" />
import type { Client, ExecutionStats } from 'redlock'
import type { RedisConnection } from '../connection/guard-redis.js'

/** A node as a client of redlock. Calls go through its guard, so a node that is away costs no time. */
export const voter = (connection: RedisConnection): Client => ({
  evalsha: (hash, keys, rest) => connection.guard((redis) => redis.evalsha(hash, keys, ...rest)),
  eval: (text, keys, rest) => connection.guard((redis) => redis.eval(text, keys, ...rest)),
})

/** How the nodes voted on a lock. */
export interface Ballot {
  /** How many nodes said that another holder has the lock, or that this one no longer has it. */
  readonly taken: number
  /** The errors of nodes that gave no vote. */
  readonly away: readonly Error[]
  /** How many nodes were asked. */
  readonly nodes: number
}

/** The votes behind an error of redlock, which itself says only that there was no quorum. Undefined for other errors. */
export const ballotOf = async (error: unknown): Promise<Ballot | undefined> => {
  const attempts = (error as { attempts?: readonly Promise<ExecutionStats>[] }).attempts
  const votes = await attempts?.at(-1)
  if (!votes) return undefined
  const against = [...votes.votesAgainst.values()]
  const away = against.filter(({ name }) => name !== 'ResourceLockedError')
  return { taken: against.length - away.length, away, nodes: votes.votesFor.size + against.length }
}
