import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  type CommandMiddleware,
  createShop,
  type ImportProgress,
  isShopRefusal,
  isShopUnavailable,
  type Store,
} from '../../src/index.js'
import { StoreError } from '../../src/store.js'

const user = (n: number) => ({ type: 'user', userId: `u${n}`, balance: n })
const users = (count: number) => Array.from({ length: count }, (_, n) => user(n))

/** A shop, and the names of the commands that its middleware saw. */
const observed = (store: Store = inMemoryStore()) => {
  const seen: string[] = []
  const middleware: CommandMiddleware = (call, next) => {
    seen.push(call.command.name)
    return next(call)
  }
  return { shop: createShop({ store, middleware: [middleware] }), seen }
}

describe('an import', () => {
  it('runs each line as a command, and a repeated part of the lines as none', async () => {
    const { shop, seen } = observed()
    const lines = [
      user(1),
      { type: 'product', productId: 'p', name: 'P', price: 1, stock: 2 },
      {
        type: 'coupon',
        couponId: 'c',
        name: 'C',
        discount: { kind: 'fixed', amount: 1 },
        quantity: 1,
        validUntil: new Date('2030-01-01'),
      },
      { type: 'issued-coupon', couponId: 'c', userId: 'u1' },
    ]
    expect(await shop.import(lines)).toMatchObject({
      lines: 4,
      imported: 4,
      skipped: 0,
      bad: 0,
      dryRun: false,
      audit: { ok: true },
    })
    expect(seen).toEqual(['import-user', 'create-product', 'create-coupon', 'import-issued-coupon'])
    const again = [...lines, ...users(5_000), ...lines]
    expect(await shop.import(again)).toMatchObject({ imported: 4_999, skipped: 9, bad: 0 })
    seen.length = 0
    expect(await shop.import(again)).toMatchObject({ imported: 0, skipped: 5_008, bad: 0 })
    expect(seen.length).toBeLessThanOrEqual(2_000)
    expect(await shop.import(users(1), { dryRun: true })).not.toHaveProperty('audit')
    expect(await shop.import(users(1), { audit: false })).not.toHaveProperty('audit')
  })

  it('tells every bad line with its number and its reason, in order, and keeps the first 100', async () => {
    const { shop } = observed()
    await shop.balance.charge({ userId: 'old', amount: 5 })
    const bad = [
      [{ type: 'user' }, 'userId is missing'],
      [
        { type: 'user', userId: 'a/b' },
        'userId must be 1 to 64 characters of A-Z a-z 0-9 _ . : -, and neither . nor ..',
      ],
      [
        { type: 'user', userId: 'a', balance: -1, name: 'x' },
        'balance must be a whole number from 0 to 9007199254740991; name is not known here',
      ],
      [{ type: 'user', userId: 'old', balance: 5 }, 'user old already exists without an opening balance'],
      [{ ...user(3), balance: 4 }, 'user u3 already exists with another opening balance'],
      [{ type: 'users' }, 'type must be one of user, product, coupon, issued-coupon'],
      [{ type: 'issued-coupon', couponId: 'c', userId: 'a' }, 'coupon c does not exist'],
      [{ type: 'product', name: 'P', price: 1, stock: 1 }, 'productId is missing'],
      ['{', 'is not JSON'],
      ['[]', 'must be a JSON object'],
      ...Array.from({ length: 2_000 }, () => ['x', 'is not JSON']),
    ] as const
    const told: unknown[] = []
    const report = await shop.import([user(3), '', ...bad.map(([line]) => line)], {
      onBadLine: (line) => told.push(line),
    })
    const due = bad.map(([, reason], index) => ({ line: index + 3, reason }))
    expect(told).toEqual(due)
    expect(report).toMatchObject({ lines: 2_012, imported: 1, bad: 2_010, badLines: due.slice(0, 100) })
    expect(report.badLines).toHaveLength(100)
  })

  it('tells whose reference and whose code it is', async () => {
    const { shop } = observed()
    const coupon = {
      type: 'coupon',
      name: 'C',
      discount: { kind: 'fixed', amount: 1 },
      quantity: 1,
      validUntil: '2030-01-01T00:00:00Z',
      code: 'ABC',
    }
    const { badLines } = await shop.import([
      { ...user(1), reference: 'r' },
      { ...user(2), reference: 'r' },
      { ...user(1), reference: 'r', balance: 7 },
      { ...coupon, couponId: 'c1' },
      { ...coupon, couponId: 'c2', code: 'abc' },
      { type: 'issued-coupon', couponId: 'c1', userId: 'u1' },
      { type: 'issued-coupon', couponId: 'c1', userId: 'u2' },
    ])
    expect(badLines.map(({ reason }) => reason)).toEqual([
      'reference r belongs to the opening balance of user u1',
      'user u1 already exists with another opening balance',
      'coupon c1 has this code already',
      'coupon c1 is sold out',
    ])
  })

  it('goes on after a refusal of the host, and after a line that the store rejects', async () => {
    const own = inMemoryStore()
    const rejecting: Store = {
      ...own,
      transact: (keys, decide, options) =>
        own.transact(
          keys,
          (loaded) => {
            if (keys.lock.wallets.includes('u2')) throw new StoreError('rejected', 'no such user')
            return decide(loaded)
          },
          options,
        ),
    }
    const closed: CommandMiddleware = async (call, next) =>
      (call.input as { userId?: string }).userId === 'u1'
        ? { ok: false, refusal: { code: 'PRODUCT_SOLD_OUT', productId: 'p' }, replayed: false }
        : next(call)
    const shop = createShop({ store: rejecting, middleware: [closed] })
    expect(await shop.import(users(4))).toMatchObject({
      imported: 2,
      bad: 2,
      badLines: [
        { line: 2, reason: 'PRODUCT_SOLD_OUT {"productId":"p"}' },
        { line: 3, reason: 'no such user' },
      ],
    })
  })

  it('tells how far it is, with growing numbers', async () => {
    const { shop } = observed()
    const told: ImportProgress[] = []
    const {
      audit: _,
      dryRun: __,
      badLines: ___,
      ...last
    } = await shop.import(users(5_000), { onProgress: (progress) => told.push(progress) })
    expect(told.map(({ lines }) => lines)).toEqual([2_000, 4_000, 5_000])
    expect(told.at(-1)).toEqual(last)
  })

  it('ends early at a signal: what is being committed counts, and nothing is audited', async () => {
    const { shop } = observed()
    const stop = new AbortController()
    let closed = false
    async function* endless() {
      try {
        for (let n = 0; ; n += 1) yield user(n)
      } finally {
        closed = true
      }
    }
    const report = await shop.import(endless(), {
      signal: stop.signal,
      onProgress: ({ lines }) => lines >= 6_000 && stop.abort(),
    })
    expect([report.imported, report.lines, closed, report.audit]).toEqual([6_000, 6_000, true, undefined])
    async function* failing() {
      yield* users(10)
      stop.abort()
      throw new Error('the file is closed')
    }
    expect(await shop.import(failing(), { signal: stop.signal })).toMatchObject({ lines: 0 })
  })

  it('rejects with the error of its lines once all that began has ended', async () => {
    const { shop } = observed()
    async function* failing() {
      yield* users(2_001)
      throw new Error('the disk is gone')
    }
    await expect(shop.import(failing())).rejects.toThrow('the disk is gone')
    expect(await shop.import(users(2_000), { audit: false })).toMatchObject({ imported: 0, skipped: 2_000 })
  })

  it('rejects with ShopUnavailable if the store is gone or the shop closes, also in a dry run', async () => {
    const gone = async () => {
      throw new StoreError('unavailable', 'gone')
    }
    const shop = createShop({ store: { ...inMemoryStore(), transact: gone, load: gone }, limits: { maxRetries: 0 } })
    for (const dryRun of [false, true])
      expect(isShopUnavailable(await shop.import(users(9), { dryRun }).catch((error) => error))).toBe(true)
    const { shop: closing } = observed()
    await closing.close()
    expect(isShopUnavailable(await closing.import(users(9)).catch((error) => error))).toBe(true)
  })

  it.each([[{ dryrun: true }], [{ dryRun: 'yes' }], [{ audit: 1 }]])('refuses the options %j', async (options) => {
    const { shop } = observed()
    const error = await shop.import([], options as never).catch((error) => error)
    expect(isShopRefusal(error) && error.code).toBe('INVALID_REQUEST')
  })

  it.each([[undefined], ['{}'], [7], [{}]])('refuses %j instead of lines', async (lines) => {
    const { shop } = observed()
    await expect(shop.import(lines as never)).rejects.toThrow('import needs lines')
  })

  it('of nothing imports nothing', async () => {
    const { shop } = observed()
    expect(await shop.import([])).toMatchObject({ lines: 0, imported: 0, audit: { ok: true } })
  })
})
