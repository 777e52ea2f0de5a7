import type { ImportCall } from './parse-line.js'

/**
 * Sorts calls into waves, each in the order of the lines. A call comes in a later wave than every earlier line that makes what
 * it makes or needs, and than every earlier line that needs what it makes; and in no earlier wave than a line before it that
 * needs the same, because both may want the last copy of a coupon. So the waves, one after the other, have the effect of the
 * lines one after the other. The calls of one wave may run at once: those that lock the same row take turns in their order.
 */
export const wavesOf = (calls: readonly ImportCall[]): readonly (readonly ImportCall[])[] => {
  const made = new Map<string, number>()
  const needed = new Map<string, number>()
  const waves: ImportCall[][] = []
  for (const call of calls) {
    let wave = 0
    for (const key of call.makes) wave = Math.max(wave, (made.get(key) ?? -1) + 1, (needed.get(key) ?? -1) + 1)
    for (const key of call.needs) wave = Math.max(wave, (made.get(key) ?? -1) + 1, needed.get(key) ?? 0)
    for (const key of call.makes) made.set(key, wave)
    for (const key of call.needs) needed.set(key, wave)
    const its = waves[wave]
    if (its) its.push(call)
    else waves.push([call])
  }
  return waves
}
