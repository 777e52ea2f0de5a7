// Made of begin-day.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const beginDay = scriptOf(`return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
`)
