import { knexStore } from '@shop/adapter-knex'
import type { Store } from '@shop/core/store'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysOf, look, openShopDatabase, put, type ShopDatabase } from './support/open-shop-database.js'
import { changing, holdOf, orderOf, walletOf } from './support/rows.js'

let database: ShopDatabase
let store: Store

beforeAll(async () => {
  database = await openShopDatabase()
  store = database.store()
  await database.knex.raw('create table notes (text text primary key)')
})
afterAll(() => database.drop())
beforeEach(async () => {
  await database.clear()
  await database.knex.raw('truncate notes')
})

const ann = walletOf('ann')
const wallets = async () =>
  (await look(store, { lock: { wallets: ['ann', 'bob'] } })).wallets.map(({ userId }) => userId)
const notes = () => database.knex('notes').pluck('text')

describe.each([{ pipeline: true }, { pipeline: false }])(
  "inside the caller's transaction (pipeline $pipeline)",
  ({ pipeline }) => {
    let host: Knex
    let hosted: ReturnType<typeof knexStore>

    beforeAll(() => {
      host = database.connect({ pipeline })
      hosted = knexStore(host)
    })

    const insert = (trx: Knex.Transaction, userId: string) =>
      hosted
        .within(trx)
        .transact(keysOf({ lock: { wallets: [userId] } }), () =>
          changing({ inserted: { wallets: [walletOf(userId)] } }),
        )

    test('commits with it', async () => {
      await host.transaction(async (trx) => {
        await trx('notes').insert({ text: 'before' })
        await insert(trx, 'ann')
        expect((await look(hosted.within(trx), { lock: { wallets: ['ann'] } })).wallets).toEqual([ann])
        expect(await wallets()).toEqual([])
        await trx('notes').insert({ text: 'after' })
      })
      expect(await wallets()).toEqual(['ann'])
      expect(await notes()).toEqual(['before', 'after'])
    })

    test('rolls back with it', async () => {
      const rolledBack = host.transaction(async (trx) => {
        await insert(trx, 'ann')
        await trx('notes').insert({ text: 'gone' })
        throw new Error('changed my mind')
      })
      await expect(rolledBack).rejects.toThrow('changed my mind')
      expect(await wallets()).toEqual([])
      expect(await notes()).toEqual([])
    })

    test("sees the caller's writes, also without locks and in outlines", async () => {
      await host.transaction(async (trx) => {
        await put(hosted.within(trx), { inserted: { orders: [orderOf('o1')] } })
        expect(await hosted.within(trx).outlines(['o1'])).toHaveLength(1)
        expect(await hosted.outlines(['o1'])).toEqual([])
        const keys = keysOf({ lock: { orders: ['o1'] } })
        expect((await hosted.within(trx).load(keys)).orders).toEqual([orderOf('o1')])
        expect((await hosted.load(keys)).orders).toEqual([])
      })
    })

    test('a failure leaves no writes, and the caller may continue', async () => {
      await host.transaction(async (trx) => {
        await insert(trx, 'bob')
        const broken = { inserted: { wallets: [ann], holds: [holdOf('o', 'p', { quantity: 0 })] } }
        await expect(put(hosted.within(trx), broken)).rejects.toMatchObject({ kind: 'rejected' })
        await expect(put(hosted.within(trx), { inserted: { wallets: [walletOf('bob')] } })).rejects.toMatchObject({
          kind: 'conflict',
        })
        const bug = new Error('a bug')
        const buggy = hosted.within(trx).transact(keysOf({ lock: { wallets: ['bob'] } }), () => {
          throw bug
        })
        await expect(buggy).rejects.toBe(bug)
        await trx('notes').insert({ text: 'went on' })
      })
      expect(await wallets()).toEqual(['bob'])
      expect(await notes()).toEqual(['went on'])
    })

    test('takes the same locks as every command, and keeps them until the caller ends', async () => {
      await put(store, { inserted: { wallets: [ann] } })
      const impatient = database.store({ lockTimeoutMs: 30 })
      await host.transaction(async (trx) => {
        await look(hosted.within(trx), { lock: { wallets: ['ann'] } })
        await expect(look(impatient, { lock: { wallets: ['ann'] } })).rejects.toMatchObject({ kind: 'busy' })
      })
      await look(impatient, { lock: { wallets: ['ann'] } })
    })

    test('concurrent commands run one after another', async () => {
      await host.transaction(async (trx) => {
        const all = await Promise.allSettled([
          insert(trx, 'ann'),
          put(hosted.within(trx), { inserted: { holds: [holdOf('o', 'p', { quantity: 0 })] } }),
          insert(trx, 'bob'),
          hosted.within(trx).outlines(['o']),
        ])
        expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
      })
      expect(await wallets()).toEqual(['ann', 'bob'])
    })

    test('works in a nested transaction and rolls back with only that', async () => {
      await host.transaction(async (trx) => {
        await insert(trx, 'ann')
        await trx
          .transaction(async (inner) => {
            await insert(inner, 'bob')
            throw new Error('only this')
          })
          .catch(() => {})
      })
      expect(await wallets()).toEqual(['ann'])
    })

    test('refuses a completed transaction, instead of writing on a connection that others use', async () => {
      const ended = await host.transaction(async (trx) => trx)
      await expect(insert(ended, 'ann')).rejects.toMatchObject({
        kind: 'rejected',
        message: expect.stringContaining('complete'),
      })
      expect(await wallets()).toEqual([])
    })

    test("refuses to continue in a transaction that the caller's error has aborted", async () => {
      const broken = host.transaction(async (trx) => {
        await trx.raw('select 1 / 0').catch(() => {})
        await insert(trx, 'ann')
      })
      await expect(broken).rejects.toMatchObject({ name: 'StoreError', kind: 'rejected' })
    })

    test('refuses anything but a transaction', () => {
      expect(() => hosted.within(host as unknown as Knex.Transaction)).toThrow(TypeError)
    })

    test("works at the caller's isolation, and rejects with a conflict", async () => {
      await put(store, { inserted: { wallets: [ann] } })
      const late = host.transaction(
        async (trx) => {
          await trx.raw('select 1')
          await put(store, { updated: { wallets: [walletOf('ann', 1, 1)] } })
          await look(hosted.within(trx), { lock: { wallets: ['ann'] } })
        },
        { isolationLevel: 'repeatable read' },
      )
      await expect(late).rejects.toMatchObject({ kind: 'conflict', cause: { code: '40001' } })
    })
  },
)

test('does not need a connection of its own', async () => {
  const narrow = database.connect({ pool: { max: 1 } })
  await narrow.transaction(async (trx) => {
    await put(knexStore(narrow).within(trx), { inserted: { wallets: [ann] } })
    await knexStore(narrow).within(trx).outlines(['o'])
  })
  expect(await wallets()).toEqual(['ann'])
})
