import { describe, expect, it } from 'vitest'
import { ViewCounter } from '../../src/engine/view-counter.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, resolvePolicies, type Store } from '../../src/index.js'

class Upkeep {
  readonly batches: Record<string, number>[] = []
  isAway = false
  during: (() => void) | undefined

  async addViews(views: ReadonlyMap<string, number>): Promise<void> {
    this.during?.()
    if (this.isAway) throw new Error('the store is away')
    this.batches.push(Object.fromEntries(views))
  }
}

const counting = () => {
  const upkeep = new Upkeep()
  return { upkeep, views: new ViewCounter(upkeep) }
}

const look = (views: ViewCounter, ...productIds: string[]) => {
  for (const productId of productIds) views.count(productId)
}

describe('the view counter', () => {
  it('writes its counts in one batch, and starts again from 0', async () => {
    const { upkeep, views } = counting()
    look(views, 'p', 'q', 'p')
    await views.flush()
    look(views, 'p')
    await views.flush()
    expect(upkeep.batches).toEqual([{ p: 2, q: 1 }, { p: 1 }])
  })

  it('writes nothing if nothing was counted', async () => {
    const { upkeep, views } = counting()
    await views.flush()
    expect(upkeep.batches).toEqual([])
  })

  it('keeps counts after a failed write, and adds later counts', async () => {
    const { upkeep, views } = counting()
    look(views, 'p', 'q')
    upkeep.isAway = true
    upkeep.during = () => look(views, 'p', 'r')
    await expect(views.flush()).rejects.toThrow('the store is away')
    upkeep.isAway = false
    upkeep.during = undefined
    await views.flush()
    expect(upkeep.batches).toEqual([{ p: 2, q: 1, r: 1 }])
  })

  it('does not write counts twice if more arrive during the write', async () => {
    const { upkeep, views } = counting()
    look(views, 'p')
    upkeep.during = () => look(views, 'p')
    await views.flush()
    upkeep.during = undefined
    await views.flush()
    expect(upkeep.batches).toEqual([{ p: 1 }, { p: 1 }])
  })

  it('drops new products beyond its limit', async () => {
    const { upkeep, views } = counting()
    for (let index = 0; index < 100_000; index += 1) views.count(`p${index}`)
    look(views, 'p0', 'one too many')
    upkeep.isAway = true
    await expect(views.flush()).rejects.toThrow()
    look(views, 'p1')
    upkeep.isAway = false
    await views.flush()
    expect(Math.max(...upkeep.batches.map((batch) => Object.keys(batch).length))).toBe(500)
    const written = Object.assign({}, ...upkeep.batches)
    expect(Object.keys(written)).toHaveLength(100_000)
    expect([written['p0'], written['p1'], written['one too many']]).toEqual([2, 2, undefined])
  }, 30_000)
})

describe('a full view counter', () => {
  const full = () => {
    const { upkeep, views } = counting()
    for (let index = 0; index < 100_000; index += 1) views.count(`p${index}`)
    return { upkeep, views }
  }
  const writtenBy = async ({ upkeep, views }: ReturnType<typeof full>) => {
    upkeep.isAway = false
    upkeep.during = undefined
    await views.flush()
    return upkeep.batches.flatMap((batch) => Object.keys(batch))
  }

  it('stays within its limit if more products are counted during a failing batch', async () => {
    const test = full()
    test.upkeep.isAway = true
    test.upkeep.during = () => look(test.views, 'x1', 'x2')
    await expect(test.views.flush()).rejects.toThrow('the store is away')
    const written = await writtenBy(test)
    expect(written).toHaveLength(100_000)
    expect(written).toEqual(expect.arrayContaining(['x1', 'x2']))
  }, 30_000)

  it('writes in a fixed order, so that two servers do not wait for each other', async () => {
    const { upkeep, views } = counting()
    for (let index = 999; index >= 0; index -= 1) views.count(`p${String(index).padStart(3, '0')}`)
    const written = await writtenBy({ upkeep, views })
    expect(written).toEqual([...written].sort())
    expect(written).toHaveLength(1_000)
  })
})

describe('views of a shop', () => {
  const policies = resolvePolicies('standard', { catalog: { countViews: 'on-both' } })

  it('never fail or delay a read, even if the store rejects them', async () => {
    const memory = inMemoryStore()
    const addViews = () => Promise.reject(new Error('the store is away'))
    const store: Store = { ...memory, upkeep: { ...memory.upkeep, addViews } }
    const shop = createShop({ store, policies })
    await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 0 })
    await expect(shop.products.get({ productId: 'p' })).resolves.toMatchObject({ stock: 0 })
    await expect(shop.upkeep.flushViews()).rejects.toThrow('the store is away')
    await expect(shop.products.list({ page: 0, size: 10 })).resolves.toMatchObject({ total: 1 })
  })

  it('are written when the shop closes', async () => {
    const memory = inMemoryStore()
    const upkeep = new Upkeep()
    const store: Store = { ...memory, upkeep: { ...memory.upkeep, addViews: (views) => upkeep.addViews(views) } }
    const shop = createShop({ store, policies })
    await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 1 })
    await shop.products.get({ productId: 'p' })
    await shop.products.list({ page: 0, size: 10 })
    await shop.close()
    expect(upkeep.batches).toEqual([{ p: 2 }])
  })
})
