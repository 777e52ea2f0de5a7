// Made of forget.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const forget = scriptOf(`return redis.call('DEL', unpack(KEYS))
`)
