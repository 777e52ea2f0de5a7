import { createShop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { systemClock } from '@shop/core/store'
import { expect, test } from 'vitest'
import { sqliteHarness } from './sqlite-harness.js'

const names = ['Große Kanne', 'GROSSER KRUG', 'İstanbul', 'ISPARTA', 'ᾳδω', 'ΟΔΟΣ', '100% Leinen']

const expected: Readonly<Record<string, readonly string[]>> = {
  groß: ['GROSSER KRUG', 'Große Kanne'],
  GROẞE: ['GROSSER KRUG', 'Große Kanne'],
  grosse: ['GROSSER KRUG', 'Große Kanne'],
  istanbul: ['İstanbul'],
  ıspart: ['ISPARTA'],
  ΑΙΔ: ['ᾳδω'],
  οδος: ['ΟΔΟΣ'],
  '%': ['100% Leinen'],
}

test.each(['SQLite', 'memory'])('a search in %s ignores case', async (kind) => {
  const opened = await sqliteHarness.create({ clock: systemClock })
  const shop = createShop({ store: kind === 'SQLite' ? opened.store : inMemoryStore() })
  for (const name of names) await shop.products.create({ name, price: 1, stock: 1 })
  const found: Record<string, string[]> = {}
  for (const keyword of Object.keys(expected)) {
    const { products } = await shop.products.list({ page: 0, size: 10, keyword })
    found[keyword] = products.map(({ name }) => name).sort()
  }
  expect(found).toEqual(expected)
  const [hidden] = (await shop.products.list({ keyword: '%' })).products
  await shop.products.update({ productId: `${hidden?.productId}`, listed: false })
  expect(await shop.products.list({ keyword: '%' })).toMatchObject({ products: [], total: 0 })
  expect(await shop.products.listAll({ keyword: '%' })).toMatchObject({ products: [{ listed: false }], total: 1 })
  await shop.close()
  await opened.close()
})
