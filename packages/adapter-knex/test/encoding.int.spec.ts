import { search } from '@shop/core/conformance'
import type { Store, WalletEntry } from '@shop/core/store'
import * as fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { entryOf, eventOf, noon, orderOf, productOf } from './support/rows.js'

let database: ShopDatabase
let store: Store

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store()
})
afterAll(() => database.drop())

/** Texts that core accepts: without NUL and lone surrogates. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }).map((each) => each.replaceAll('\0', '')) },
  fc.constantFrom('', 'null', 'NULL', 'Null', '{}', 'a,b', '\u001e', ' id ', 'plain-id_1.2:3'),
)

/** Plain JSON, with texts that are hard to quote. */
const plainJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 })

const metadata = fc.dictionary(text, plainJson, { maxKeys: 3 })

const row = fc.record({
  name: text,
  lastError: fc.option(text),
  outcome: plainJson,
  metadata: fc.option(metadata),
})

/** 64 rows: at least sixteen of each table. Columns with one value for all rows are encoded differently from others. */
const rows = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 20 }),
  fc
    .tuple(
      row,
      fc.array(row, { minLength: 16, maxLength: 18 }),
      fc.subarray(['name', 'lastError', 'outcome', 'metadata']),
    )
    .map(([alike, others, fields]) =>
      others.map((each) => ({
        ...each,
        ...Object.fromEntries(fields.map((f) => [f, alike[f as keyof typeof alike]])),
      })),
    ),
)

test('texts and JSON are read as they were written, with any characters', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(rows, async (rows) => {
    await database.clear()
    const ids = rows.map((_, index) => `id${index}`)
    const written = rows.map(({ name, lastError, outcome, metadata }, index) => ({
      product: productOf(`id${index}`, { name }),
      order: orderOf(`id${index}`, { lines: [{ productId: 'p', name, unitPrice: 1, quantity: 1, amount: 1 }] }),
      event: eventOf(`id${index}`, 1, { lastError, data: { name, outcome } as never }),
      outcome: { scope: 'somebody', key: `id${index}`, fingerprint: name, outcome, at: noon },
      entry: entryOf('somebody', index + 1, { reason: lastError, metadata: metadata as WalletEntry['metadata'] }),
    }))
    await put(store, {
      inserted: {
        products: written.map(({ product }) => product),
        orders: written.map(({ order }) => order),
        events: written.map(({ event }) => event),
        outcomes: written.map(({ outcome }) => outcome),
        entries: written.map(({ entry }) => entry),
      },
    })
    const found = await look(store, {
      lock: { products: ids, orders: ids, events: ids.map((id) => `${id}-event-1`) },
      read: { outcomes: ids.map((key) => ({ scope: 'somebody', key })) },
    })
    // Compared as JSON, which turns -0 into 0.
    const byId = <Row>(list: readonly Row[], id: (row: Row) => string) =>
      JSON.stringify(
        [...list]
          .sort((a, b) => (id(a) < id(b) ? -1 : 1))
          .map((each) => Object.entries(each as object).sort(([a], [b]) => (a < b ? -1 : 1))),
      )
    const same = <Row>(actual: readonly Row[], expected: readonly Row[], id: (row: Row) => string) => {
      if (byId(actual, id) !== byId(expected, id)) throw new Error(`${byId(actual, id)}\n${byId(expected, id)}`)
    }
    same(
      found.products,
      written.map(({ product }) => product),
      ({ productId }) => productId,
    )
    same(
      found.events,
      written.map(({ event }) => event),
      ({ eventId }) => eventId,
    )
    same(
      found.outcomes,
      written.map(({ outcome }) => outcome),
      ({ key }) => key,
    )
    same(
      await store.reads.entries({ userId: 'somebody', limit: rows.length }),
      written.map(({ entry }) => entry),
      ({ sequence }) => String(sequence),
    )
    const names = [...found.orders].map(({ orderId, lines }) => ({ orderId, name: lines[0]?.name }))
    same(
      names,
      written.map(({ order }) => ({ orderId: order.orderId, name: order.lines[0]?.name })),
      ({ orderId }) => orderId,
    )
  })
  await fc.assert(property, search(60))
})
