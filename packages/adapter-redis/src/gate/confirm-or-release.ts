import { gateKeys, lifetimes } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'
import type { GateId } from './gate-id.js'

export interface DecidedUsers {
  /** Users who have the coupon, as committed by the database. */
  readonly confirmed: readonly string[]
  /** Users whose issue has failed. */
  readonly released?: readonly string[]
}

// KEYS: issued, reservations. ARGV: issuedMs, number of confirmed users, confirmed users…, released users…
const script = luaScript(`
local confirmed = tonumber(ARGV[2])
for index = 3, #ARGV do
  local user = ARGV[index]
  -- Remove first: a full Redis lets a script write only after the script has freed memory.
  redis.call('ZREM', KEYS[2], user)
  if index - 2 <= confirmed then
    redis.call('SADD', KEYS[1], user)
  end
end
if confirmed > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1
`)

/** Removes the reservations of these users, and adds the confirmed ones to the set of issued users. */
export const confirmOrRelease = async (
  access: RedisAccess,
  { database, couponId }: GateId,
  { confirmed, released = [] }: DecidedUsers,
): Promise<void> => {
  const { issued, reservations } = gateKeys(database, couponId)
  const args = [lifetimes.issuedMs, confirmed.length, ...confirmed, ...released]
  await runScript(access, script, [issued, reservations], args)
}
