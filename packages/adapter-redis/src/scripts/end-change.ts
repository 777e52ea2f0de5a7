// Made of end-change.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const endChange = scriptOf(`redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
`)
