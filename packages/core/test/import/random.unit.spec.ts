import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type InMemoryStore, inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, resolvePolicies, type Shop, ShopUnavailable, timeOrderedIds } from '../../src/index.js'
import type { Execute } from '../../src/shop/calls.js'
import { type ImportOptions, importOf } from '../../src/shop/import/import.js'
import { expected, ImportModel, lineArbitrary, type ModelLine, written } from './model.js'

interface Stage {
  readonly store: InMemoryStore
  readonly shop: Shop
  readonly windowSize: number
}

const open = (mustRegister: boolean, windowSize: number): Stage => {
  const store = inMemoryStore()
  const policies = resolvePolicies('standard', {
    wallet: { opens: mustRegister ? 'by-registration' : 'on-first-charge' },
  })
  return { store, shop: createShop({ store, policies, limits: { maxGroupSize: 3 } }), windowSize }
}

const importing = async (
  { store, shop, windowSize }: Stage,
  file: Iterable<Uint8Array>,
  options: ImportOptions = {},
  execute: Execute = shop.execute,
) => {
  const { policies, audit } = shop
  const run = importOf(execute, {
    store,
    policies,
    newId: timeOrderedIds(),
    audit,
    windowSize,
    guarded: (call) => call,
  })
  const told: number[] = []
  const report = await run(file, { ...options, onBadLine: ({ line }) => told.push(line) })
  const { imported, skipped, bad } = report
  expect(report.audit?.violations ?? []).toEqual([])
  return { imported, skipped, bad, badLines: told }
}

function* inParts(lines: readonly ModelLine[], size: number): Generator<Uint8Array> {
  const all = new TextEncoder().encode(lines.map((line) => `${written(line)}\n`).join(''))
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

/** The data, without ids and times. */
const dataOf = (store: InMemoryStore) => ({
  users: store
    .rows('wallets')
    .map(({ userId, balance }) => [userId, balance])
    .sort(),
  entries: store
    .rows('entries')
    .map(({ userId, kind, amount, reference }) => [userId, kind, amount, reference])
    .sort(),
  products: store
    .rows('products')
    .map(({ productId }) => productId)
    .sort(),
  coupons: store
    .rows('coupons')
    .map(({ couponId, issued }) => [couponId, issued])
    .sort(),
  copies: store
    .rows('issuedCoupons')
    .map(({ couponId, userId }) => [couponId, userId])
    .sort(),
})

const dataIn = ({ users, products, coupons }: ImportModel): ReturnType<typeof dataOf> => ({
  users: [...users].map(([userId, has]): [string, number] => [userId, has?.amount ?? 0]).sort(),
  entries: [...users]
    .flatMap(([userId, has]): [string, 'opening', number, string | null][] =>
      has ? [[userId, 'opening', has.amount, has.reference ?? null]] : [],
    )
    .sort(),
  products: [...products].sort(),
  coupons: [...coupons].map(([couponId, { owners }]): [string, number] => [couponId, owners.size]).sort(),
  copies: [...coupons]
    .flatMap(([couponId, { owners }]) => [...owners].map((userId): [string, string] => [couponId, userId]))
    .sort(),
})

const files = fc.array(lineArbitrary, { maxLength: 60, size: 'max' })
const sizes = fc.integer({ min: 1, max: 200 })
const windows = fc.constantFrom(1, 2, 5, 2_000)

it(
  'an import has the effect of its lines one by one, a second one skips what is there, and a dry run tells both',
  {
    timeout: 60_000,
  },
  () =>
    fc.assert(
      fc.asyncProperty(files, sizes, windows, fc.boolean(), async (lines, size, windowSize, mustRegister) => {
        const stage = open(mustRegister, windowSize)
        const model = new ImportModel(mustRegister)
        for (let turn = 0; turn < 2; turn += 1) {
          const before = dataOf(stage.store)
          const due = expected(model, lines)
          expect(await importing(stage, inParts(lines, size), { dryRun: true })).toEqual(due)
          expect(dataOf(stage.store)).toEqual(before)
          expect(await importing(stage, inParts(lines, size))).toEqual(due)
          expect(dataOf(stage.store)).toEqual(dataIn(model))
        }
      }),
      { numRuns: 60 },
    ),
)

it('an import that fails somewhere and runs again has the effect of one that does not', { timeout: 60_000 }, () =>
  fc.assert(
    fc.asyncProperty(files, windows, fc.nat(60), fc.boolean(), async (some, windowSize, left, mustRegister) => {
      // A copy of a coupon that comes later in the file is a bad line of the first run, and a good one of the second.
      const isCopy = ({ type }: ModelLine) => type === 'issued-coupon'
      const lines = [...some.filter((line) => !isCopy(line)), ...some.filter(isCopy)]
      const stage = open(mustRegister, windowSize)
      const model = new ImportModel(mustRegister)
      expected(model, lines)
      let calls = 0
      const failing: Execute = async (...call) => {
        calls += 1
        if (calls > left) throw new ShopUnavailable('the database is gone')
        return stage.shop.execute(...call)
      }
      await importing(stage, inParts(lines, 50), {}, failing).catch((error) =>
        expect(error).toBeInstanceOf(ShopUnavailable),
      )
      await importing(stage, inParts(lines, 50))
      expect(dataOf(stage.store)).toEqual(dataIn(model))
    }),
    { numRuns: 60 },
  ),
)
