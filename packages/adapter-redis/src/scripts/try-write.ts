// Made of try-write.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const tryWrite = scriptOf(`redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
`)
