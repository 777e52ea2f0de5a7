import { describe, expect, expectTypeOf, it } from 'vitest'
import type { AnyCommand } from '../../src/engine/command.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  type CallOptions,
  createShop,
  type IssueCoupon,
  type IssuedCouponView,
  type OrderView,
  type Outcome,
  type Page,
  type PlaceOrder,
  type Refusal,
  type Shop,
  type ShopWithin,
} from '../../src/index.js'
import { idRule } from '../../src/shared/id.js'
import { commands } from '../../src/shop/commands.js'
import { refused } from '../unit/finding.js'

type ShopFunction = (input?: unknown, options?: unknown) => Promise<unknown>

const memory = inMemoryStore()
const shop = createShop<object>({ store: { ...memory, within: () => memory } })
const nouns = shop as unknown as Readonly<Record<string, Readonly<Record<string, ShopFunction>>>>
const inside = shop.within({}) as unknown as typeof nouns

const commandNames = Object.entries(commands).flatMap(([noun, named]) =>
  Object.entries<AnyCommand>(named).map(([name, command]) => ({ noun, name, command })),
)
const readNames = Object.keys(commands).flatMap((noun) =>
  Object.keys(nouns[noun] ?? {})
    .filter((name) => !(name in (commands[noun as keyof typeof commands] as object)))
    .map((name) => `${noun}.${name}`),
)
const withoutInput = ['outbox.counts', 'products.drops', 'history.watch']
const withInput = readNames.filter((name) => !withoutInput.includes(name))

const callIn = (shopOrWithin: typeof nouns, path: string): ShopFunction => {
  const [noun = '', name = ''] = path.split('.')
  return shopOrWithin[noun]?.[name] as ShopFunction
}
const callOf = (path: string): ShopFunction => callIn(nouns, path)

const unknown = { path: 'surprise', message: 'is not known here' }
const errorsOf = async (asked: Promise<unknown>) => {
  const refusal = (await refused(asked)) as Extract<Refusal, { code: 'INVALID_REQUEST' }>
  expect(refusal).toMatchObject({ code: 'INVALID_REQUEST' })
  return refusal.errors
}

describe('the face', () => {
  it('has every command of the table, outside and inside a transaction', () => {
    for (const { noun, name } of commandNames) {
      expect(callOf(`${noun}.${name}`), `shop.${noun}.${name}`).toBeTypeOf('function')
      expect(callIn(inside, `${noun}.${name}`), `within.${noun}.${name}`).toBeTypeOf('function')
    }
    expect(callIn(inside, 'orders.quote')).toBeTypeOf('function')
    expect(Object.keys(inside)).toEqual([...Object.keys(commands), 'execute'])
    expect(readNames).toHaveLength(22)
  })

  it('calls the command of the table, and no other', async () => {
    for (const { noun, name, command } of commandNames) {
      const wrong = { surprise: true }
      const errors = command.check(wrong)
      const path = `${noun}.${name}`
      expect(await errorsOf(callOf(path)(wrong)), path).toEqual(errors)
      expect(await callIn(inside, path)(wrong), path).toMatchObject({ refusal: { errors } })
    }
  })

  it('is typed by declared interfaces', () => {
    expectTypeOf<Shop['coupons']['issue']>().toEqualTypeOf<
      (input: IssueCoupon, options?: CallOptions<IssuedCouponView>) => Promise<IssuedCouponView>
    >()
    expectTypeOf<ShopWithin['orders']['place']>().toEqualTypeOf<
      (input: PlaceOrder, options?: CallOptions<OrderView>) => Promise<Outcome<OrderView>>
    >()
    expectTypeOf(shop.orders.list).returns.resolves.toEqualTypeOf<Page<OrderView>>()
    expectTypeOf<Parameters<Shop['coupons']['create']>[0]['validUntil']>().toEqualTypeOf<Date | string | number>()
    // @ts-expect-error an unknown field
    const misspelt: PlaceOrder = { userId: 'u1', products: [], cuponId: 'c1' }
    expect(misspelt).toBeDefined()
  })
})

it('options that cannot be read reject the call', async () => {
  const broken = (field: string) => ({
    get [field]() {
      throw new Error('broken getter')
    },
  })
  const input = { userId: 'u1', amount: 1 }
  for (const path of ['balance.charge', 'orders.quote']) {
    const field = path === 'orders.quote' ? 'context' : 'idempotency'
    await expect(callOf(path)(input, broken(field)), path).rejects.toThrow('broken getter')
    await expect(callIn(inside, path)(input, broken(field)), `${path} inside`).rejects.toThrow('broken getter')
  }
})

describe('an unknown field is refused', () => {
  it.each(commandNames.map(({ noun, name }) => `${noun}.${name}`))('by %s', async (path) => {
    expect(await errorsOf(callOf(path)({ surprise: 1 }))).toContainEqual(unknown)
    expect(await errorsOf(callOf(path)({}))).not.toContainEqual(unknown)
  })

  it.each(withInput)('by %s', async (path) => {
    expect(await errorsOf(callOf(path)({ surprise: 1 }))).toContainEqual(unknown)
    expect(await errorsOf(callOf(path)(['surprise']))).not.toEqual([])
  })

  it('by history.watch, which returns no promise', async () => {
    expect(await errorsOf((async () => callOf('history.watch')({ surprise: 1 }))())).toEqual([unknown])
  })

  it.each(['upkeep.expireOrders', 'upkeep.expireLots', 'upkeep.refreshRanking'])('by %s', async (path) => {
    expect(await errorsOf(callOf(path)({ surprise: 1 }))).toEqual([unknown])
  })

  it('in the lines of an order and in a discount', async () => {
    const line = { productId: 'p1', quantity: 1, surprise: 1 }
    for (const path of ['orders.place', 'orders.quote']) {
      expect(await errorsOf(callOf(path)({ userId: 'u1', products: [line] })), path).toEqual([
        { ...unknown, path: 'products[0].surprise' },
      ])
    }
    expect(await errorsOf(callOf('orders.refund')({ orderId: 'o1', lines: [line] }))).toEqual([
      { ...unknown, path: 'lines[0].surprise' },
    ])
    const discount = { kind: 'fixed', amount: 1, surprise: 1 }
    const coupon = { name: 'C', quantity: 1, validUntil: 1, discount }
    expect(await errorsOf(callOf('coupons.create')(coupon))).toEqual([{ ...unknown, path: 'discount.surprise' }])
  })

  it('in the options of a call: a misspelt key would disable idempotency', async () => {
    const charge = { userId: 'u1', amount: 1 }
    const key = { scope: 'u1', key: 'k1' }
    const errors = [{ ...unknown, path: 'options.idempotencyKey' }]
    expect(await errorsOf(callOf('balance.charge')(charge, { idempotencyKey: key }))).toEqual(errors)
    expect(await callIn(inside, 'balance.charge')(charge, { idempotencyKey: key })).toMatchObject({
      refusal: { errors },
    })
    expect(await errorsOf(callOf('balance.charge')(charge, { idempotency: { ...key, surprise: 1 } }))).toEqual([
      { ...unknown, path: 'idempotency.surprise' },
    ])
    expect(await errorsOf(callOf('balance.charge')(charge, { idempotency: null }))).toHaveLength(2)
    expect(await refused(shop.balance.get({ userId: 'u1' }))).toMatchObject({ code: 'USER_NOT_FOUND' })
  })

  it('unless it is undefined', async () => {
    expect(await callOf('orders.list')({ surprise: undefined, userId: undefined })).toEqual({ items: [], next: null })
  })
})

describe('a read', () => {
  it.each([
    ['balance.get', 'userId'],
    ['balance.history', 'userId'],
    ['products.get', 'productId'],
    ['products.find', 'productId'],
    ['coupons.get', 'couponId'],
    ['coupons.ofUser', 'userId'],
    ['orders.get', 'orderId'],
    ['orders.list', 'userId'],
    ['payments.get', 'paymentId'],
  ])('%s checks its %s as commands do', async (path, field) => {
    for (const value of ['a b', '', '.', 'x'.repeat(65), 7, null]) {
      expect(await errorsOf(callOf(path)({ [field]: value }))).toEqual([{ path: field, message: idRule }])
    }
  })

  it.each([
    ['balance.history', { userId: 'u1' }, 'limit'],
    ['balance.entries', {}, 'limit'],
    ['products.list', {}, 'size'],
    ['products.listAll', {}, 'size'],
    ['products.top', {}, 'limit'],
    ['coupons.list', {}, 'limit'],
    ['coupons.claimable', {}, 'limit'],
    ['coupons.ofUser', { userId: 'u1' }, 'limit'],
    ['orders.list', {}, 'limit'],
    ['outbox.list', {}, 'limit'],
  ])('%s %j returns 1 to 100 items: %s', async (path, query, field) => {
    for (const value of [0, 101, 1.5, '10', null, Number.NaN]) {
      const message = 'must be a whole number from 1 to 100'
      expect(await errorsOf(callOf(path)({ ...query, [field]: value }))).toEqual([{ path: field, message }])
    }
    for (const value of [1, 100, undefined]) {
      const asked = callOf(path)({ ...query, [field]: value })
      expect(await refused(asked)).not.toMatchObject({ code: 'INVALID_REQUEST' })
    }
  })

  it('returns 20 items of a list and 10 products by default', async () => {
    const fresh = createShop({ store: inMemoryStore() })
    for (let nth = 0; nth < 21; nth += 1) {
      await fresh.products.create({ name: 'Mug', price: 1, stock: 1 })
      await fresh.coupons.create({ name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 1, validUntil: 2e14 })
    }
    expect(await fresh.products.list()).toMatchObject({ page: 0, size: 10, total: 21, products: { length: 10 } })
    const first = await fresh.coupons.list()
    expect(first.items).toHaveLength(20)
    expect((await fresh.coupons.list({ after: first.next ?? undefined })).items).toHaveLength(1)
    expect((await fresh.coupons.claimable()).items).toHaveLength(20)
  })

  it.each([
    ['orders.list', { status: 'gone' }, 'status'],
    ['outbox.list', { status: 'gone' }, 'status'],
    ['balance.entries', { kind: 'gift' }, 'kind'],
    ['balance.entries', { reference: 'two words' }, 'reference'],
    ['balance.entries', { after: 'x' }, 'after'],
    ['orders.list', { reference: '' }, 'reference'],
    ['orders.list', { after: { at: 1 } }, 'after'],
    ['orders.list', { after: 'x' }, 'after'],
    ['balance.history', { userId: 'u1', before: -1 }, 'before'],
    ['products.list', { page: -1 }, 'page'],
    ['products.listAll', { page: -1 }, 'page'],
    ['products.list', { keyword: 'x'.repeat(101) }, 'keyword'],
    ['products.list', { keyword: 'a\0' }, 'keyword'],
  ])('%s refuses %j', async (path, query, field) => {
    expect((await errorsOf(callOf(path)(query))).map((error) => error.path)).toEqual([field])
  })

  it('needs an object if it takes one', async () => {
    for (const query of [5, 'x', null, []]) {
      expect(await errorsOf(callOf('orders.list')(query))).toEqual([{ path: '', message: 'must be an object' }])
    }
  })
})
