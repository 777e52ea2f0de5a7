import { describe, expect, it } from 'vitest'
import { ActiveSet } from '../../src/util/active-set.js'

describe('an active set', () => {
  it('contains the items that were put and not freed, also with reused slots', () => {
    const slots = new ActiveSet<string>()
    const [a, b] = [slots.put('a'), slots.put('b')]
    slots.free(a)
    expect(slots.all()).toEqual(['b'])
    slots.put('c')
    slots.put('d')
    slots.free(b)
    expect(slots.all().sort()).toEqual(['c', 'd'])
  })

  it('has as many slots as the maximum number of concurrent items', () => {
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
