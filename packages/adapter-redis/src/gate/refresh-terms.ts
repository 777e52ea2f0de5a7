import { gateKeys } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'
import type { GateId } from './gate-id.js'
import type { CouponState } from './gate-options.js'

// KEYS: refreshLock, changes, issued. ARGV: token, termsMs
const lockScript = luaScript(`
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('ZCARD', KEYS[2]) > 0 then
  return { 0, 0 }
end
local locked = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
return { locked, redis.call('SCARD', KEYS[3]) }
`)

/**
 * Takes the refresh lock of a coupon's terms. Fails if another reader holds it, or if a change of the coupon is under way.
 * The terms expire together with this lock, so their age counts from before the read.
 */
export const lockTermsRefresh = async (
  access: RedisAccess,
  { database, couponId }: GateId,
  { token, termsMs }: { readonly token: string; readonly termsMs: number },
): Promise<{ readonly isLocked: boolean; readonly issuedUsers: number }> => {
  const { refreshLock, changes, issued } = gateKeys(database, couponId)
  const reply = await runScript(access, lockScript, [refreshLock, changes, issued], [token, termsMs])
  const [locked, issuedUsers] = reply as [number, number]
  return { isLocked: locked === 1, issuedUsers }
}

// KEYS: refreshLock, terms, issued, reservations. ARGV: token, then fields and values of the terms
const storeScript = luaScript(`
local stored = 0
local left = redis.call('PTTL', KEYS[1])
if redis.call('GET', KEYS[1]) == ARGV[1] and left > 0 then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], unpack(ARGV, 2))
  redis.call('PEXPIRE', KEYS[2], left)
  redis.call('DEL', KEYS[1])
  stored = 1
end
return { stored, redis.call('SCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]) }
`)

/**
 * Stores a coupon's terms as the database had them; undefined if it has no such coupon.
 * Stores nothing if the refresh lock is gone: the coupon was changed since, the lock expired, or Redis lost its data.
 */
export const storeTerms = async (
  access: RedisAccess,
  { database, couponId }: GateId,
  { token, coupon }: { readonly token: string; readonly coupon: CouponState | undefined },
): Promise<{ readonly isStored: boolean; readonly issuedUsers: number; readonly reservedUsers: number }> => {
  const { refreshLock, terms, issued, reservations } = gateKeys(database, couponId)
  const fields = coupon
    ? ['quantity', coupon.quantity, 'issued', coupon.issued, 'validUntil', coupon.validUntil]
    : ['absent', 1]
  const reply = await runScript(access, storeScript, [refreshLock, terms, issued, reservations], [token, ...fields])
  const [stored, issuedUsers, reservedUsers] = reply as [number, number, number]
  return { isStored: stored === 1, issuedUsers, reservedUsers }
}
