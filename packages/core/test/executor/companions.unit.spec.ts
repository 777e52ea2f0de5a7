import { describe, expect, it } from 'vitest'
import { payOrder, placeOrder } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type OrderView, resolvePolicies } from '../../src/index.js'
import { given, productOf } from '../../src/testing/index.js'

const mug = (userId: string, quantity = 1) => ({ userId, products: [{ productId: 'mug', quantity }] })

const noteOf =
  (note: string) =>
  ({ orderId, finalAmount }: OrderView) => ({ order_id: orderId, note, amount: finalAmount })

const giftShop = async (policies = resolvePolicies()) => {
  const problem = (row: { readonly [column: string]: unknown }, rows: readonly { readonly [c: string]: unknown }[]) => {
    if (row['note'] === 'wrong') return '23514'
    return rows.some(({ note }) => note === 'unique' && row['note'] === 'unique') ? '23505' : undefined
  }
  const store = inMemoryStore({ companions: { giftNotes: { problem }, tags: {} } })
  const shop = createShop({ store, policies })
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 5 })
  return { store, shop, notes: () => store.companionRows('giftNotes') }
}

describe('companions', () => {
  it('are written exactly if the command is accepted', async () => {
    const { shop, notes } = await giftShop()
    const placed = await shop.orders.place(mug('mina'), { with: { giftNotes: noteOf('hello') } })
    const refused = await shop.execute(placeOrder, mug('mina', 9), { with: { giftNotes: { note: 'never' } } })
    expect(refused.ok).toBe(false)
    expect(notes()).toEqual([{ order_id: placed.orderId, note: 'hello', amount: 10 }])
  })

  it('are a row, rows, or a function that makes them', () => {
    const rows = [{ tag: 'a' }, { tag: 'b' }]
    given(productOf({ productId: 'mug' }))
      .naming('o1')
      .when(placeOrder, mug('mina'), {
        with: { tags: rows, giftNotes: noteOf('x'), none: [], nothing: () => undefined },
      })
      .thenCompanions({ tags: rows, giftNotes: [{ order_id: 'o1', note: 'x' }] })
  })

  it('are not written again by a replay', async () => {
    const { shop, notes } = await giftShop()
    const options = { idempotency: { scope: 'mina', key: 'k' }, with: { giftNotes: noteOf('once') } }
    const once = { ...mug('mina'), reference: 'web-1' }
    for (let time = 0; time < 3; time += 1) await shop.orders.place(mug('mina'), options)
    for (let time = 0; time < 3; time += 1) await shop.orders.place(once, { with: { giftNotes: noteOf('twice') } })
    expect(notes().map(({ note }) => note)).toEqual(['once', 'twice'])
  })

  it('are not written with an order that fails by its payment', async () => {
    const { shop, notes } = await giftShop(resolvePolicies('hold-at-order'))
    const { orderId } = await shop.orders.place(mug('mina'))
    const paid = await shop.execute(payOrder, { userId: 'mina', orderId }, { with: { giftNotes: { note: 'paid' } } })
    expect(paid.ok).toBe(false)
    expect((await shop.orders.get({ orderId })).status).toBe('failed')
    expect(notes()).toEqual([])
  })

  it('refuse only their own command of a group, which leaves nothing', async () => {
    const { shop, notes } = await giftShop()
    const place = (userId: string, note: string) =>
      shop.execute(placeOrder, mug(userId), { with: { giftNotes: { note } } })
    const outcomes = await Promise.all([place('a', 'fine'), place('b', 'wrong'), place('c', 'fine')])
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.refusal))).toEqual([
      'ok',
      { code: 'COMPANION_FAILED', companion: 'giftNotes', databaseCode: '23514' },
      'ok',
    ])
    expect(notes()).toHaveLength(2)
    expect((await shop.orders.list()).items).toHaveLength(2)
    expect((await shop.products.get({ productId: 'mug' })).stock).toBe(3)
  })

  it('let the first of two rows that exclude each other pass', async () => {
    const { shop, notes } = await giftShop()
    const outcomes = await Promise.all(
      ['a', 'b'].map((userId) => shop.execute(placeOrder, mug(userId), { with: { giftNotes: { note: 'unique' } } })),
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false])
    expect(notes()).toHaveLength(1)
  })

  it('do not use up an idempotency key when they fail', async () => {
    const { shop } = await giftShop()
    const idempotency = { scope: 'mina', key: 'k' }
    const place = (note: string) =>
      shop.execute(placeOrder, mug('mina'), { idempotency, with: { giftNotes: { note } } })
    expect(await place('wrong')).toMatchObject({ refusal: { code: 'COMPANION_FAILED' } })
    expect(await place('right')).toMatchObject({ ok: true, replayed: false })
  })

  it('fail their own call if their function throws or makes no row', async () => {
    const { shop, notes } = await giftShop()
    const results = await Promise.allSettled([
      shop.orders.place(mug('a'), { with: { giftNotes: () => ['text'] as never } }),
      shop.orders.place(mug('b'), { with: { giftNotes: () => 'text' as never } }),
      shop.orders.place(mug('c'), { with: { giftNotes: { note: 'fine' } } }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect([notes().length, (await shop.orders.list()).items.length]).toEqual([1, 1])
  })

  it('that the store does not know name those that it knows', async () => {
    const { shop } = await giftShop()
    const errorsOf = async (bare: typeof shop) =>
      bare.orders.place(mug('mina'), { with: { gifts: {} } }).catch(({ refusal }) => refusal.errors)
    expect(await errorsOf(shop)).toEqual([
      { path: 'with.gifts', message: 'is not a companion of the store, which has giftNotes, tags' },
    ])
    expect(await errorsOf(createShop({ store: inMemoryStore() }))).toEqual([
      { path: 'with.gifts', message: 'is not a companion: the store has none, see its option companions' },
    ])
  })

  it.each([
    ['a promise', async () => ({ note: 'late' })],
    ['a map', () => new Map([['note', 'x']])],
    ['a date', () => new Date(0)],
    ['bytes', () => new Uint8Array(2)],
  ])('fail their own call if their function makes %s, which has no columns', async (_, made) => {
    const { shop, notes } = await giftShop()
    const placing = shop.orders.place(mug('mina'), { with: { giftNotes: made as never } })
    await expect(placing).rejects.toThrow('with.giftNotes made something else than a row or rows')
    expect([notes(), (await shop.orders.list()).items]).toEqual([[], []])
  })

  it('are refused if the store does not know them', async () => {
    const { shop } = await giftShop()
    for (const companions of [{ gifts: {} }, { giftNotes: 'text' }, 'text'])
      expect(await shop.execute(placeOrder, mug('mina'), { with: companions as never })).toMatchObject({
        refusal: { code: 'INVALID_REQUEST', errors: [{ path: expect.stringMatching(/^with/) }] },
      })
  })
})
