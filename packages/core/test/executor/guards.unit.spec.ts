import { describe, expect, it } from 'vitest'
import {
  type Command,
  chargeBalance,
  createCoupon,
  createProduct,
  defineCommand,
  type GuardContext,
  guard,
  issueCoupon,
  placeOrder,
  put,
} from '../../src/commands.js'
import { accept } from '../../src/engine/command.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  createShop,
  type Guard,
  type OrderView,
  type Outcome,
  type PlaceOrder,
  type Shop,
  type Store,
} from '../../src/index.js'
import { couponOf, given, manualClock, productOf, walletOf } from '../../src/testing/index.js'

declare module '../../src/index.js' {
  interface CustomRefusals {
    NOT_A_MEMBER: { userId: string }
    ONE_COUPON_ONLY: { couponId: string }
  }
}

const membersOnly = guard(placeOrder, {
  refuse: (_facts, { userId }, { context }) => (context['member'] ? undefined : { code: 'NOT_A_MEMBER', userId }),
})

/** An interface has no index signature: it must do as the type of a context. */
interface Membership {
  readonly member: boolean
}

const typedMembersOnly = guard(placeOrder, {
  refuse: (_facts, { userId }, { context }: GuardContext<Membership>) =>
    context.member === true ? undefined : { code: 'NOT_A_MEMBER', userId },
})

const mug = { userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] }
const member = { context: { member: true } }

const shopWith = async (guards: readonly Guard[], store: Store = inMemoryStore()): Promise<Shop> => {
  const shop = createShop({ store, guards })
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 50 })
  return shop
}

/** A store whose caller's transactions are its own. */
const joinable = (): Store<string> => {
  const memory = inMemoryStore()
  return { ...memory, within: () => memory, transactions: { atOnce: 1, run: (work) => work('tx' as never) } }
}

const codeOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  try {
    const outcome = (await call) as Outcome<unknown>
    return outcome.ok === false ? outcome.refusal.code : undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a guard', () => {
  it('is passed by every way to place an order', async () => {
    const store = joinable()
    const shop = createShop({ store, guards: [membersOnly] })
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 50 })
    const again = defineCommand({ ...placeOrder })
    const ways: readonly ((options?: typeof member) => Promise<unknown>)[] = [
      (options) => shop.orders.place(mug, options),
      (options) => shop.execute(placeOrder, mug, options),
      (options) => shop.execute(again, mug, options),
      (options) => shop.within('tx').orders.place(mug, options),
      (options) => shop.within('tx').execute(placeOrder, mug, options),
      (options) => shop.transaction((_tx, calls) => calls.orders.place(mug, options)),
      (options) => shop.orders.quote(mug, options),
      (options) => shop.within('tx').orders.quote(mug, options),
    ]
    for (const way of ways) {
      expect(await codeOf(way())).toBe('NOT_A_MEMBER')
      expect(await codeOf(way(member))).toBeUndefined()
    }
    expect((await shop.orders.list()).items).toHaveLength(6)
  })

  it('leaves nothing when it refuses', () => {
    given(productOf({ productId: 'mug', stock: 1 }))
      .guardedBy(membersOnly)
      .when(placeOrder, mug)
      .thenRefused('NOT_A_MEMBER', { userId: 'mina' })
      .when(placeOrder, mug, member)
      .thenAccepted()
  })

  it('decides after the refusals of the command, or before them', () => {
    const empty = productOf({ productId: 'mug', stock: 0 })
    given(empty).guardedBy(membersOnly).when(placeOrder, mug).thenRefused('STOCK_INSUFFICIENT')
    const first = guard(placeOrder, { ...membersOnly.rule, when: 'before' })
    given(empty).guardedBy(first).when(placeOrder, mug).thenRefused('NOT_A_MEMBER')
  })

  it('decides before a later one of the list', () => {
    const refusing = (userId: string) => guard(placeOrder, { refuse: () => ({ code: 'NOT_A_MEMBER', userId }) })
    given(productOf({ productId: 'mug' }))
      .guardedBy(refusing('one'), refusing('two'))
      .when(placeOrder, mug)
      .thenRefused('NOT_A_MEMBER', { userId: 'one' })
  })

  it('sees the rows that it needs, and no others', () => {
    const ofOpening = (facts: Parameters<typeof membersOnly.rule.refuse>[0], userId: string) =>
      facts.issuedCoupon('opening', userId) ? undefined : ({ code: 'NOT_A_MEMBER', userId } as const)
    const needs = ({ userId }: { userId: string }) => ({ lock: { issuedCoupons: [{ couponId: 'opening', userId }] } })
    const refuse: typeof membersOnly.rule.refuse = (facts, { userId }) => ofOpening(facts, userId)
    const story = given(productOf({ productId: 'mug' }), couponOf({ couponId: 'opening' }))
    story.guardedBy(guard(placeOrder, { needs, refuse })).when(placeOrder, mug).thenRefused('NOT_A_MEMBER')
    story
      .when(issueCoupon, { userId: 'mina', couponId: 'opening' })
      .guardedBy(guard(placeOrder, { needs, refuse }))
      .when(placeOrder, mug)
      .thenAccepted()
    expect(() => story.guardedBy(guard(placeOrder, { refuse })).when(placeOrder, mug)).toThrow('not among the keys')
  })

  it('sees what earlier commands of its group have changed', async () => {
    const onlyOne = guard(issueCoupon, {
      refuse: (facts, { couponId = '' }) =>
        (facts.coupon(couponId)?.issued ?? 0) > 0 ? { code: 'ONE_COUPON_ONLY', couponId } : undefined,
    })
    const shop = await shopWith([onlyOne])
    const terms = { name: 'Opening', quantity: 9, validUntil: Date.UTC(2100, 0, 1) }
    await shop.execute(createCoupon, { couponId: 'c', discount: { kind: 'fixed', amount: 1 }, ...terms })
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((userId) => shop.execute(issueCoupon, { userId, couponId: 'c' })),
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, false])
  })

  it('guards a command that decides as another one', async () => {
    const shop = await shopWith([typedMembersOnly])
    const kept = defineCommand({ ...placeOrder, name: 'place-kept-order', guardedAs: placeOrder.name })
    expect(await codeOf(shop.execute(kept, mug))).toBe('NOT_A_MEMBER')
    expect(await codeOf(shop.execute(kept, mug, member))).toBeUndefined()
  })

  it.each([{ dryRun: false }, { dryRun: true }])(
    'is passed by the lines of an import ($dryRun)',
    async ({ dryRun }) => {
      const noFreebies = guard(createProduct, {
        refuse: (_facts, { price, name: userId }) => (price > 0 ? undefined : { code: 'NOT_A_MEMBER', userId }),
      })
      const shop = createShop({ store: inMemoryStore(), guards: [noFreebies] })
      const lines = [0, 1].map((price) => ({ type: 'product', productId: `p${price}`, name: 'Mug', price, stock: 1 }))
      expect(await shop.import(lines, { dryRun })).toMatchObject({ imported: 1, bad: 1, badLines: [{ line: 1 }] })
    },
  )

  it('is not asked again by a replay', async () => {
    let asked = 0
    const counting = guard(chargeBalance, {
      refuse: () => {
        asked += 1
        return undefined
      },
    })
    const shop = await shopWith([counting])
    const charge = { userId: 'mina', amount: 5, reference: 'r' }
    for (let time = 0; time < 2; time += 1) await shop.balance.charge(charge)
    for (let time = 0; time < 2; time += 1)
      await shop.balance.charge({ userId: 'mina', amount: 5 }, { idempotency: { scope: 'mina', key: 'k' } })
    expect(asked).toBe(2)
  })

  it('keeps its refusal under an idempotency key, whose request includes the context', async () => {
    const shop = await shopWith([membersOnly])
    const idempotency = { scope: 'mina', key: 'k' }
    const place = (context?: { readonly member: boolean }) =>
      shop.execute(placeOrder, mug, { idempotency, ...(context && { context }) })
    expect(await place()).toMatchObject({ refusal: { code: 'NOT_A_MEMBER' }, replayed: false })
    expect(await place()).toMatchObject({ refusal: { code: 'NOT_A_MEMBER' }, replayed: true })
    expect(await place({ member: true })).toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  it('fails its own call if it throws', async () => {
    const shop = await shopWith([
      guard(placeOrder, {
        refuse: (_facts, { userId }) => {
          if (userId === 'mina') throw new Error('a bug')
          return undefined
        },
      }),
    ])
    const [broken, sound] = await Promise.allSettled([
      shop.orders.place(mug),
      shop.orders.place({ ...mug, userId: 'jun' }),
    ])
    expect([broken?.status, sound?.status]).toEqual(['rejected', 'fulfilled'])
  })

  it.each([
    ['is async', async () => undefined],
    ['returns true', () => true],
    ['returns a code alone', () => 'NOT_A_MEMBER'],
    ['returns no code', () => ({ userId: 'mina' })],
  ])('lets nothing pass, and says why, if it %s', async (_, refuse) => {
    const shop = await shopWith([guard(placeOrder, { refuse: refuse as never })])
    await expect(shop.orders.place(mug)).rejects.toThrow('a guard must return a refusal, { code, … }, or undefined')
    await expect(shop.orders.quote(mug)).rejects.toThrow('a guard must return a refusal')
    expect((await shop.orders.list()).items).toEqual([])
  })

  it('guards a command that is an instance of a class', async () => {
    class Place implements Command<PlaceOrder, OrderView> {
      readonly name = 'place-order'
      check(input: PlaceOrder) {
        return placeOrder.check(input)
      }
      keys(...args: Parameters<typeof placeOrder.keys>) {
        return placeOrder.keys(...args)
      }
      decide(...args: Parameters<typeof placeOrder.decide>) {
        return placeOrder.decide(...args)
      }
    }
    const shop = await shopWith([membersOnly])
    expect(await codeOf(shop.execute(new Place(), mug))).toBe('NOT_A_MEMBER')
    expect(await codeOf(shop.execute(new Place(), mug, member))).toBeUndefined()
  })

  it('says why if it counts purchases of a product without a purchase limit, and fails only its own call', async () => {
    const twice = guard(placeOrder, {
      refuse: (facts, { userId }) =>
        userId === 'mina' && facts.purchased(userId, 'mug') > 1 ? { code: 'NOT_A_MEMBER', userId } : undefined,
    })
    const shop = await shopWith([twice])
    const [mine, theirs] = await Promise.allSettled([
      shop.orders.place(mug),
      shop.orders.place({ ...mug, userId: 'jun' }),
    ])
    const message = 'purchases of product mug are not counted: it has no purchase limit'
    expect(mine).toMatchObject({ status: 'rejected', reason: { message } })
    expect(theirs).toMatchObject({ status: 'fulfilled' })
  })

  it('cannot write', () => {
    given(walletOf({ userId: 'mina' }), productOf({ productId: 'mug' }))
      .guardedBy(guard(placeOrder, { refuse: () => undefined }))
      .when(placeOrder, mug)
      .thenChanges({
        orders: { inserted: [{ userId: 'mina' }] },
        products: { updated: [{ held: 1 }] },
        holds: { inserted: [{ quantity: 1 }] },
      })
  })
})

const circle: { self?: unknown } = {}
circle.self = circle
const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)

describe('the context of a call', () => {
  it.each([
    ['a list', []],
    ['a date', { at: new Date(0) }],
    ['a number that JSON does not have', { n: Number.NaN }],
    ['a function', { f: () => 1 }],
    ['null', null],
    ['a circle', circle],
    ['too deep', deep],
    ['too long', { text: 'x'.repeat(4_090) }],
  ])('is not %s', async (_, context) => {
    const shop = await shopWith([])
    const refused = await shop.execute(placeOrder, mug, { context: context as never })
    expect(refused).toMatchObject({ refusal: { code: 'INVALID_REQUEST', errors: [{ path: 'context' }] } })
  })

  it('reaches a command of one’s own', async () => {
    const shop = createShop({ store: inMemoryStore({ clock: manualClock(0) }) })
    const told = defineCommand<object, unknown>({
      name: 'tell',
      check: () => [],
      keys: () => ({}),
      decide: (_facts, _input, { context }) => accept(context, []),
    })
    expect(await shop.execute(told, {}, { context: { till: 3 } })).toMatchObject({ result: { till: 3 } })
    expect(await shop.execute(told, {})).toMatchObject({ result: {} })
    expect(put).toBeTypeOf('function')
  })
})
