import { knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import { accept, chargeBalance, defineCommand, guard } from '@shop/core/commands'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
})
afterAll(() => database.drop())

const circular: Record<string, unknown> = {}
circular['self'] = circular

const answering = (value: unknown) =>
  defineCommand<object, unknown>({
    name: 'answer',
    check: () => [],
    keys: () => ({ lock: { wallets: ['mina'] } }),
    decide: () => accept(value, []),
  })

test('results and refusals that are no JSON fail their own command of a group', async () => {
  const large = guard(chargeBalance, {
    refuse: (_facts, { amount }) =>
      amount === 7_777 ? ({ code: 'TOO_LARGE', amount: BigInt(amount) } as never) : undefined,
  })
  const shop = createShop({ store: knexStore(database.connect()), guards: [large] })
  const keyed = (key: string) => ({ idempotency: { scope: 's', key } })
  const [big, loop, refused, ...charged] = await Promise.allSettled([
    shop.execute(answering(1n), {}, keyed('big')),
    shop.execute(answering(circular), {}, keyed('loop')),
    shop.balance.charge({ userId: 'mina', amount: 7_777 }, keyed('large')),
    shop.balance.charge({ userId: 'mina', amount: 1_000 }),
    shop.balance.charge({ userId: 'mina', amount: 2_000 }, keyed('fine')),
  ])
  const error = { kind: 'rejected', message: expect.stringContaining('what is stored must be JSON') }
  for (const each of [big, loop, refused]) expect(each).toMatchObject({ status: 'rejected', reason: error })
  expect(charged.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  expect((await shop.balance.get({ userId: 'mina' })).balance).toBe(3_000)
})
