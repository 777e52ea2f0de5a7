import { randomUUID } from 'node:crypto'
import { isShopUnavailable } from '@shop/core'
import { gateKeys } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'
import type { GateId } from './gate-id.js'

// KEYS: refreshLock, terms, changes. ARGV: token, changeMs
const beginScript = luaScript(`
local time = redis.call('TIME')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2] * 2)
return 1
`)

/** Deletes a coupon's terms, and prevents a refresh until the change ends or `changeMs` have passed. */
const beginChange = async (
  access: RedisAccess,
  { database, couponId }: GateId,
  { token, changeMs }: { readonly token: string; readonly changeMs: number },
): Promise<void> => {
  const { refreshLock, terms, changes } = gateKeys(database, couponId)
  await runScript(access, beginScript, [refreshLock, terms, changes], [token, changeMs])
}

// KEYS: refreshLock, terms, changes. ARGV: token
const endScript = luaScript(`
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
`)

/** Ends a change. Also deletes the terms, so that none that were read before the commit remain. */
const endChange = async (access: RedisAccess, { database, couponId }: GateId, token: string): Promise<void> => {
  const { refreshLock, terms, changes } = gateKeys(database, couponId)
  await runScript(access, endScript, [refreshLock, terms, changes], [token])
}

export interface CouponChangeDeps {
  readonly access: RedisAccess
  /** Resolves the coupon's gate. Rejects if the database is away. */
  gateNow(): Promise<GateId>
  readonly changeMs: number
  readonly termsMs: number
  pause(ms: number): Promise<void>
  onTrouble(error: unknown): void
}

/**
 * Runs `work`, which changes a coupon. Once it has settled, no server uses terms from before the change.
 * If Redis cannot be told of the end, waits `termsMs`: by then the old terms have expired.
 */
export const changeCoupon = async <T>(
  { access, gateNow, changeMs, termsMs, pause, onTrouble }: CouponChangeDeps,
  work: () => Promise<T>,
): Promise<T> => {
  const token = randomUUID()
  const succeeds = async (step: (gate: GateId) => Promise<void>): Promise<boolean> => {
    try {
      await step(await gateNow())
      return true
    } catch (error) {
      onTrouble(error)
      return false
    }
  }
  await succeeds((gate) => beginChange(access, gate, { token, changeMs }))
  let isInDoubt = false
  try {
    return await work()
  } catch (error) {
    // It may still commit: the change then ends after `changeMs`.
    isInDoubt = isShopUnavailable(error) && error.ambiguous
    throw error
  } finally {
    if (!isInDoubt && !(await succeeds((gate) => endChange(access, gate, token)))) await pause(termsMs)
  }
}
