// Made of begin-change.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const beginChange = scriptOf(`local time = redis.call('TIME')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2] * 2)
return 1
`)
