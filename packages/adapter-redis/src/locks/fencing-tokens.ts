import type { RedisConnection } from '../connection/guard-redis.js'
import { RedisAway } from '../connection/redis-away.js'
import { lifetimes, lockKeys } from '../keys.js'
import { answersOf, quorumOf } from './quorum.js'
import { claimToken, raiseToken } from './token-scripts.js'

/** Resolves with the least number, an integer below 2^53, that the next fencing token of these names may have. */
export type TokenFloor = (names: readonly string[]) => Promise<number>

interface Claim {
  readonly node: RedisConnection
  readonly token: number
}

/** Claims compete only if a lock was granted twice, so a few attempts are enough. */
const maxAttempts = 5

/**
 * Fencing tokens that grow for each name. A token is greater than every one granted before, as long as a majority of the
 * nodes keeps its data, and in any case greater than the clocks of the nodes that granted it. Concurrent tokens differ.
 *
 * A token is granted once a majority of the nodes has it. Any later majority has a node in common, and so a greater token.
 */
export const fencingTokens = (nodes: readonly RedisConnection[], prefix: string, floor: TokenFloor | undefined) => {
  const keys = lockKeys(prefix)

  const claim = async (node: RedisConnection, names: readonly string[], least: number): Promise<Claim> => {
    const text = await claimToken(node, names.map(keys.token), { least, tokenMs: lifetimes.tokenMs })
    const token = Number(text)
    if (Number.isSafeInteger(token) && token >= least) return { node, token }
    throw new RedisAway('refused', { cause: new Error(`no fencing token is left above ${least}: ${text}`) })
  }

  const raise = async ({ node, token }: Claim, names: readonly string[], to: number): Promise<boolean> =>
    token === to || raiseToken(node, names.map(keys.token), { claimed: token, to })

  /** Resolves with undefined if other claims keep interfering. Rejects with `RedisAway` if a majority is away. */
  return async (names: readonly string[]): Promise<number | undefined> => {
    const least = floor ? await floor(names) : 0
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const claims = await answersOf(nodes.map((node) => claim(node, names, least)))
      const token = Math.max(...claims.map((each) => each.token))
      const raised = await Promise.all(claims.map((each) => raise(each, names, token)))
      if (raised.filter(Boolean).length >= quorumOf(nodes.length)) return token
    }
    return undefined
  }
}
