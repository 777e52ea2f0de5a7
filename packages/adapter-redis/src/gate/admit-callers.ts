import { gateKeys } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'
import type { GateId } from './gate-id.js'

/**
 * What Redis knows of a coupon:
 * - `empty`: no terms;
 * - `absent`: the database has no such coupon;
 * - `sold-out`: every unit has been issued and committed;
 * - `open`: units may be left.
 */
export type GateState = 'empty' | 'absent' | 'sold-out' | 'open'

/**
 * What Redis decides for one caller:
 * - `issued`: the user has the coupon;
 * - `sold-out`: every unit has been issued and committed, none of them to this user;
 * - `admitted`: the user got a reservation;
 * - `pending`: the user has a reservation, and the database is deciding;
 * - `full`: every remaining unit is reserved, and the database is deciding;
 * - `unknown`: the state is `empty` or `absent`.
 */
export type CallerDecision = 'issued' | 'sold-out' | 'admitted' | 'pending' | 'full' | 'unknown'

export interface Admissions {
  readonly state: GateState
  /** Units without a reservation that may still be issued. May be negative. */
  readonly free: number
  /** The coupon's end, in milliseconds since the epoch; 0 if it is not known. */
  readonly validUntil: number
  /** Milliseconds until the terms expire; negative if there are none. */
  readonly termsLeftMs: number
  /** One for each user, in their order. */
  readonly decisions: readonly CallerDecision[]
}

// KEYS: issued, reservations, terms. ARGV: leaseMs, users…
const script = luaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local terms = redis.call('HMGET', KEYS[3], 'quantity', 'issued', 'validUntil', 'absent')
local quantity = tonumber(terms[1])
local committed = redis.call('SCARD', KEYS[1])

local state = 'open'
local free = 0
if terms[4] then
  state = 'absent'
elseif not quantity then
  state = 'empty'
elseif committed >= quantity then
  state = 'sold-out'
else
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  free = quantity - math.max(committed, tonumber(terms[2])) - redis.call('ZCARD', KEYS[2])
end

local decisions = {}
for index = 2, #ARGV do
  local user = ARGV[index]
  local decision
  if redis.call('SISMEMBER', KEYS[1], user) == 1 then
    decision = 'issued'
  elseif state == 'sold-out' then
    decision = 'sold-out'
  elseif state ~= 'open' then
    decision = 'unknown'
  elseif redis.call('ZSCORE', KEYS[2], user) then
    decision = 'pending'
  elseif free > 0 then
    redis.call('ZADD', KEYS[2], now + ARGV[1], user)
    free = free - 1
    decision = 'admitted'
  else
    decision = 'full'
  end
  decisions[#decisions + 1] = decision
end
if #decisions > 0 and redis.call('ZCARD', KEYS[2]) > 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[1] * 2)
end
return { state, free, terms[3] or '0', redis.call('PTTL', KEYS[3]), unpack(decisions) }
`)

/**
 * Decides for callers of a coupon in one atomic step, in their order. Without users it only reads the state.
 *
 * Mirrors `issueCoupon` of core from COUPON_ALREADY_ISSUED to COUPON_SOLD_OUT (`remaining(coupon) === 0`).
 * It does not check the validity: the gate does, with the database's time.
 * `sold-out` needs as many committed users in the set as the quantity: then every other user has no coupon.
 * A reservation expires after `leaseMs` unless `confirmOrRelease` removes it first.
 */
export const admitCallers = async (
  access: RedisAccess,
  { database, couponId }: GateId,
  userIds: readonly string[],
  leaseMs: number,
): Promise<Admissions> => {
  const { issued, reservations, terms } = gateKeys(database, couponId)
  const [state, free, validUntil, termsLeftMs, ...decisions] = (await runScript(
    access,
    script,
    [issued, reservations, terms],
    [leaseMs, ...userIds],
  )) as [GateState, number, string, number, ...CallerDecision[]]
  return { state, free, validUntil: Number(validUntil), termsLeftMs, decisions }
}
