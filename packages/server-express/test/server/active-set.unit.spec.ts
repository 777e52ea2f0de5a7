import { describe, expect, it } from 'vitest'
import { ActiveSet } from '../../src/util/active-set.js'

describe('slots', () => {
  it('hold what was put into them and not taken out, however often they are used again', () => {
    const slots = new ActiveSet<string>()
    const [a, b] = [slots.put('a'), slots.put('b')]
    slots.free(a)
    expect(slots.all()).toEqual(['b'])
    slots.put('c')
    slots.put('d')
    slots.free(b)
    expect(slots.all().sort()).toEqual(['c', 'd'])
  })

  it('are as many as were ever used at once', () => {
    const slots = new ActiveSet<number>()
    const used = new Set(
      Array.from({ length: 1_000 }, (_, item) => item).map((item) => {
        const slot = slots.put(item)
        slots.free(slot)
        return slot
      }),
    )
    expect(used.size).toBe(1)
  })
})
