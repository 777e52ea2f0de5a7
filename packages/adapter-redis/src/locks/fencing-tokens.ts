import type { RedisConnection } from '../connection/guard-redis.js'
import { RedisAway } from '../connection/redis-away.js'
import { lifetimes, lockKeys } from '../keys.js'
import { runScript } from '../script.js'
import { claimToken } from '../scripts/claim-token.js'
import { raiseToken } from '../scripts/raise-token.js'
import { answersOf, quorumOf } from './quorum.js'

/** The least number that the next token of these names must reach. */
export type TokenFloor = (names: readonly string[]) => Promise<number>

interface Claim {
  readonly node: RedisConnection
  readonly token: number
}

/** Somebody else may claim at the same time only where a lock was granted twice. */
const tries = 5

/**
 * Tokens that grow for each name: each is greater than every one that was handed out before, as long as a majority of the nodes
 * keeps its data, and greater than the nodes' clocks in any case. Two that are handed out at the same time differ.
 *
 * A token counts once a majority has it. Whoever claims later meets one of them, and gets a greater one.
 */
export const fencingTokens = (nodes: readonly RedisConnection[], prefix: string, floor: TokenFloor | undefined) => {
  const keys = lockKeys(prefix)

  const claim = async (node: RedisConnection, names: readonly string[], least: number): Promise<Claim> => {
    const answer = await runScript(node, claimToken, names.map(keys.token), [least, lifetimes.tokenMs])
    const token = Number(answer)
    if (Number.isSafeInteger(token) && token >= least) return { node, token }
    throw new RedisAway('refused', { cause: new Error(`no fencing token is left above ${least}: ${answer}`) })
  }

  const raise = async ({ node, token }: Claim, names: readonly string[], to: number): Promise<boolean> =>
    token === to || (await runScript(node, raiseToken, names.map(keys.token), [token, to])) === 1

  /** Resolves with undefined where others keep on claiming; rejects with `RedisAway` where a majority is away. */
  return async (names: readonly string[]): Promise<number | undefined> => {
    const least = floor ? await floor(names) : 0
    for (let left = tries; left > 0; left -= 1) {
      const claims = await answersOf(nodes.map((node) => claim(node, names, least)))
      const token = Math.max(...claims.map((each) => each.token))
      const raised = await Promise.all(claims.map((each) => raise(each, names, token)))
      if (raised.filter(Boolean).length >= quorumOf(nodes.length)) return token
    }
    return undefined
  }
}
