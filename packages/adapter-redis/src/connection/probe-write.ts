import { lifetimes, probeKey } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'

// KEYS: probe. ARGV: probeMs
const script = luaScript(`
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
`)

/** Writes a key from a script, as the parts of this package do. Rejects if Redis cannot serve them. */
export const probeWrite = async (access: RedisAccess): Promise<void> => {
  await runScript(access, script, [probeKey], [lifetimes.probeMs])
}
