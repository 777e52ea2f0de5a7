import { beforeEach, describe, expect, it } from 'vitest'
import { type AnyCommand, chargeBalance, placeOrder } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Outcome, resolvePolicies, type Shop } from '../../src/index.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { everyKind, type Referenced, spoil } from './referenced.js'

const hour = 3_600_000
const clock = manualClock(Date.UTC(2026, 0, 1))
let store = inMemoryStore({ clock })
let shop: Shop = createShop({ store })
let paid = ''

beforeEach(async () => {
  store = inMemoryStore({ clock })
  shop = createShop({ store })
  for (const userId of ['u1', 'u2']) await shop.balance.charge({ userId, amount: 10_000 })
  await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 50 })
  paid = (await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 3 }] })).orderId
  await shop.payments.pay({ userId: 'u1', orderId: paid })
})

const named = everyKind.map((each) => [each.kind, each] as const)
const charge = { userId: 'u1', amount: 100 }

const execute = (command: AnyCommand, input: object, key?: string) =>
  shop.execute(
    command,
    { reference: 'r', ...input },
    key === undefined ? {} : { idempotency: { scope: 's', key } },
  ) as Promise<Outcome<object>>

/** The request with reference `r`. */
const send = ({ command, input }: Referenced, parts: object = {}, key?: string) =>
  execute(command, { ...input(paid), ...parts }, key)

/** Everything that is stored but the outcomes of keys. */
const stored = () =>
  structuredClone(
    (['wallets', 'entries', 'orders', 'products', 'events', 'references'] as const).map((table) => store.rows(table)),
  )

/** What carries reference `r`: an entry or an order, and of a refund both. */
const carrier = () => ({
  entry: store.rows('entries').find(({ reference }) => reference === 'r'),
  order: store.rows('orders').find(({ reference }) => reference === 'r'),
  refund: store.rows('orders').flatMap(({ refunds }) => refunds?.filter(({ reference }) => reference === 'r') ?? [])[0],
})

/** The id by which a refusal names what reference `r` stands for. */
const subjectId = (id: Referenced['id']) => {
  const { entry, order, refund } = carrier()
  return { entryId: entry?.entryId, orderId: order?.orderId, refundId: refund?.refundId }[id]
}

describe.each(named)('a reference of kind %s', (kind, request) => {
  const { id, command, other } = request

  it('has one effect, and answers the same request with its first result', async () => {
    const first = await send(request)
    expect(first).toMatchObject({ ok: true, replayed: false })
    const after = stored()
    expect(await send(request)).toEqual({ ...first, replayed: true })
    expect(await send(request, {}, 'k1')).toEqual({ ...first, replayed: true })
    expect(stored()).toEqual(after)
  })

  it('is carried by its entry, its order or its refund; the first result of the last two is stored', async () => {
    await send(request)
    const { entry, order, refund } = carrier()
    expect([entry?.kind, order?.reference, refund?.reference]).toEqual([
      kind === 'order' ? undefined : kind,
      kind === 'order' ? 'r' : undefined,
      kind === 'refund' ? 'r' : undefined,
    ])
    const rows = store.rows('references')
    if (kind !== 'order' && kind !== 'refund') expect(rows).toEqual([])
    else
      expect(rows).toMatchObject([
        {
          kind,
          owner: kind === 'order' ? 'u1' : '',
          reference: 'r',
          userId: 'u1',
          subjectId: subjectId(id),
          entry: entry?.sequence ?? null,
          at: clock.now(),
        },
      ])
    expect((await shop.audit()).violations).toEqual([])
  })

  it('answers for ever, long after every key has been purged', async () => {
    const first = await send(request, {}, 'k1')
    clock.move(25 * hour + 1)
    await shop.upkeep.purge({ outcomesMs: 25 * hour, sentEventsMs: 25 * hour, groupsMs: hour })
    expect(store.rows('outcomes')).toEqual([])
    clock.move(50 * 365 * 24 * hour)
    expect(await send(request, {}, 'k1')).toEqual({ ...first, replayed: true })
    expect(await send(request, {}, 'k2')).toEqual({ ...first, replayed: true })
    expect(await send(request)).toEqual({ ...first, replayed: true })
  })

  it('refuses another request, tells what it stands for, and changes nothing', async () => {
    const first = await send(request)
    const after = stored()
    const refusal = { code: 'REFERENCE_REUSED', reference: 'r', userId: 'u1', [id]: subjectId(id) }
    for (const key of [undefined, 'k1', 'k1'])
      expect(await execute(command, other(paid), key)).toEqual({ ok: false, refusal, replayed: false })
    expect(stored()).toEqual(after)
    expect(store.rows('outcomes')).toEqual([])
    expect(await send(request)).toEqual({ ...first, replayed: true })
  })

  it('keeps its first result, whatever the caller does to it', async () => {
    const first = await send(request)
    const kept = structuredClone(first)
    if (first.ok) spoil(first.result)
    const again = await send(request)
    expect(again).toEqual({ ...kept, replayed: true })
    if (again.ok) spoil(again.result)
    expect(await send(request)).toEqual({ ...kept, replayed: true })
  })

  it.each(['', 'x'.repeat(201), 'two words', 'line\n', '주문-1', '\u007f', 7, null, {}])('is not %j', async (wrong) => {
    expect(await send(request, { reference: wrong })).toEqual({
      ok: false,
      refusal: {
        code: 'INVALID_REQUEST',
        errors: [{ path: 'reference', message: 'must be 1 to 200 visible ASCII characters' }],
      },
      replayed: false,
    })
  })

  it('may be any 1 to 200 visible ASCII characters, and case counts', async () => {
    const outcomes = [await send(request, { reference: 'A' }), await send(request, { reference: 'a' })]
    expect(outcomes).toMatchObject([
      { ok: true, replayed: false },
      { ok: true, replayed: false },
    ])
    expect(await send(request, { reference: '!~'.repeat(100) })).toMatchObject({ ok: true })
  })

  it('is not used by a request without one', async () => {
    await send(request, { reference: undefined })
    expect(carrier()).toEqual({ entry: undefined, order: undefined, refund: undefined })
    expect(await send(request, { reference: undefined })).toMatchObject({ replayed: false })
  })
})

describe('one text', () => {
  it('serves every kind', async () => {
    for (const request of everyKind) expect(await send(request)).toMatchObject({ ok: true, replayed: false })
    const { items } = await shop.balance.entries({ reference: 'r' })
    expect(items).toHaveLength(everyKind.length - 1)
    expect((await shop.audit()).violations).toEqual([])
  })

  it('serves an order of each user', async () => {
    const products = [{ productId: 'p', quantity: 1 }]
    const first = await shop.orders.place({ userId: 'u1', products, reference: 'r' })
    const second = await shop.orders.place({ userId: 'u2', products, reference: 'r' })
    expect(second.orderId).not.toBe(first.orderId)
    expect(await shop.orders.place({ userId: 'u2', products, reference: 'r' })).toEqual(second)
    const found = await shop.orders.list({ reference: 'r' })
    expect(found.items.map(({ userId }) => userId).sort()).toEqual(['u1', 'u2'])
    expect((await shop.orders.list({ reference: 'r', userId: 'u1' })).items).toMatchObject([{ orderId: first.orderId }])
  })

  it('names one charge, whoever is charged', async () => {
    await shop.balance.charge({ ...charge, reference: 'r' })
    const refused = await shop.execute(chargeBalance, { ...charge, userId: 'u2', reference: 'r' })
    expect(refused).toMatchObject({ refusal: { code: 'REFERENCE_REUSED', userId: 'u1' } })
  })
})

describe('the same request', () => {
  it('is the same JSON: the order of members and undefined ones do not count, metadata and reason do', async () => {
    const { execute } = shop
    const metadata = { provider: 'toss', id: '8f21' }
    const first = await execute(chargeBalance, { userId: 'u1', amount: 5, reference: 'r', metadata })
    const same = { reference: 'r', metadata: { id: '8f21', provider: 'toss' }, amount: 5, userId: 'u1' }
    expect(await execute(chargeBalance, same)).toEqual({ ...first, replayed: true })
    for (const changed of [{ metadata: { ...metadata, id: '' } }, { metadata: undefined }, { metadata: {} }])
      expect(await execute(chargeBalance, { ...same, ...changed })).toMatchObject({
        refusal: { code: 'REFERENCE_REUSED' },
      })
  })

  it('may come from another caller, with another key', async () => {
    const sent = { ...charge, reference: 'r' }
    const first = await shop.balance.charge(sent, { idempotency: { scope: 'u1', key: 'k' } })
    expect(await shop.balance.charge(sent, { idempotency: { scope: 'admin', key: 'k9', request: {} } })).toEqual(first)
  })

  it('is answered as first, whatever has happened to the order since', async () => {
    const order = { userId: 'u1', products: [{ productId: 'p', quantity: 2 }], reference: 'r' }
    const placed = await shop.orders.place(order)
    const { orderId } = placed
    await shop.payments.pay({ userId: 'u1', orderId })
    const part = { orderId, lines: [{ productId: 'p', quantity: 1 }], reference: 'r' }
    const refunded = await shop.orders.refund(part)
    await shop.orders.refund({ orderId })
    await shop.products.update({ productId: 'p', listed: false })
    expect(await shop.orders.place(order)).toEqual(placed)
    expect(placed).toMatchObject({ status: 'pending', reference: 'r' })
    expect(await shop.orders.refund(part)).toEqual(refunded)
    expect(refunded).toMatchObject({ status: 'paid', refundedAmount: 100 })
    expect(await shop.execute(placeOrder, { ...order, reference: 'new' })).toMatchObject({
      refusal: { code: 'PRODUCT_NOT_FOUND' },
    })
  })

  it('is answered after the order has expired', async () => {
    const order = { userId: 'u1', products: [{ productId: 'p', quantity: 2 }], reference: 'r' }
    const placed = await shop.orders.place(order)
    clock.move(hour)
    await shop.upkeep.expireOrders()
    expect(await shop.orders.place(order)).toEqual(placed)
    expect((await shop.orders.get({ orderId: placed.orderId })).status).toBe('expired')
  })
})

describe('a quote', () => {
  it('accepts a reference and ignores it', async () => {
    const order = { userId: 'u1', products: [{ productId: 'p', quantity: 2 }], reference: 'r' }
    const quoted = await shop.orders.quote(order)
    expect(store.rows('references')).toEqual([])
    await shop.orders.place(order)
    expect(await shop.orders.quote({ ...order, products: [{ productId: 'p', quantity: 2 }] })).toEqual(quoted)
  })
})

describe('the search for a reference', () => {
  it('finds the entries of all kinds, newest first, page by page', async () => {
    for (const request of everyKind) {
      await send(request)
      clock.move(1)
    }
    const { items, next } = await shop.balance.entries({ reference: 'r', limit: 3 })
    expect(items.map(({ kind, userId, reference }) => [kind, userId, reference])).toEqual([
      ['refund', 'u1', 'r'],
      ['adjustment', 'u1', 'r'],
      ['withdrawal', 'u1', 'r'],
    ])
    expect(items[0]?.orderId).toBe(paid)
    const rest = await shop.balance.entries({ reference: 'r', limit: 3, after: next ?? undefined })
    expect(rest).toMatchObject({ items: [{ kind: 'grant' }, { kind: 'charge' }], next: null })
    expect((await shop.balance.entries({ reference: 'r', kind: 'grant' })).items).toHaveLength(1)
    expect((await shop.balance.entries({ reference: 'R' })).items).toEqual([])
    expect((await shop.balance.entries({ kind: 'payment' })).items).toMatchObject([{ userId: 'u1', amount: -300 }])
    expect((await shop.balance.entries()).items).toHaveLength(store.rows('entries').length)
  })
})

describe('policies', () => {
  it('do not come before a reference: an unknown user is found out after it', async () => {
    const strict = createShop({ store, policies: resolvePolicies('one-call') })
    await shop.balance.charge({ ...charge, reference: 'r' })
    const other = { userId: 'nobody', amount: 100 }
    expect(await strict.execute(chargeBalance, { ...other, reference: 'r' })).toMatchObject({
      refusal: { code: 'REFERENCE_REUSED' },
    })
    expect(await strict.execute(chargeBalance, other)).toMatchObject({ refusal: { code: 'USER_NOT_FOUND' } })
    expect(await strict.execute(chargeBalance, { ...charge, amount: 0.5, reference: 'r' })).toMatchObject({
      refusal: { code: 'INVALID_REQUEST' },
    })
  })
})
