import { type CompanionTransaction, knexStore } from '@shop/adapter-knex'
import { createShop, type OrderView, type Outcome, type Shop } from '@shop/core'
import { placeOrder } from '@shop/core/commands'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShopDatabase, type ShopDatabase } from './support/open-shop-database.js'

let database: ShopDatabase

beforeAll(async () => {
  database = await openShopDatabase()
  await database.knex.raw(`create table gift_notes (
    order_id text primary key, note text not null check (note <> 'wrong'), code text unique, at timestamptz, data jsonb,
    bytes bytea, big bigint, tags text[], made timestamptz not null default now())`)
  await database.knex.raw('create table parents (id text primary key)')
  await database.knex.raw(`create table children (order_id text primary key, parent text references parents
    deferrable initially deferred, code text unique deferrable initially deferred)`)
  await database.knex.raw('create table ledger (order_id text primary key, amount integer not null)')
})
afterAll(() => database.drop())

const order = (userId: string, quantity = 1) => ({ userId, products: [{ productId: 'mug', quantity }] })

const noteOf =
  (note: unknown, more: object = {}) =>
  ({ orderId }: OrderView) => ({ order_id: orderId, note, ...more })

const nothing = () => {}

const refusalOf = <Result>(outcome: Outcome<Result>) => (outcome.ok ? 'accepted' : outcome.refusal)

describe.each([{ pipeline: true }, { pipeline: false }])('companions (pipeline $pipeline)', ({ pipeline }) => {
  let host: Knex
  let shop: Shop<Knex.Transaction>
  let writes: number
  let onWrite: (knex: Knex) => Promise<void>
  let onTransaction: (trx: CompanionTransaction) => Promise<void>

  beforeAll(() => {
    host = database.connect({ pipeline })
  })

  beforeEach(async () => {
    await database.clear()
    await database.knex.raw('truncate gift_notes, ledger, parents, children')
    writes = 0
    onWrite = async () => {}
    onTransaction = async () => {}
    const store = knexStore(host, {
      companions: {
        giftNotes: {
          table: 'gift_notes',
          columns: {
            order_id: 'text',
            note: 'text',
            code: 'text',
            at: 'timestamptz',
            data: 'jsonb',
            bytes: 'bytea',
            big: 'bigint',
            tags: 'text[]',
          },
        },
        children: { columns: { order_id: 'text', parent: 'text', code: 'text' } },
        parents: { columns: { id: 'text' } },
        code: { write: (trx) => onTransaction(trx) },
        missing: { table: 'no_such_table', columns: { a: 'text' } },
        ledger: {
          async write(trx, rows) {
            writes += 1
            await onWrite(database.knex)
            const { sql, bindings } = host('ledger').insert(rows).toSQL().toNative()
            await trx.query(sql, bindings)
            expect(await trx.query('select 1::int8 where $1::int4 = 7', [7])).toEqual([['1']])
          },
        },
      },
    })
    shop = createShop({ store })
    await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 10 })
  })

  const notes = () => database.knex('gift_notes').orderBy('order_id')
  const orders = async () => (await shop.orders.list({ limit: 100 })).items
  const place = (userId: string, companions: object, quantity = 1) =>
    shop.execute(placeOrder, order(userId, quantity), { with: companions as never })

  test('commit with their command, as the values that they are', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    const values = {
      code: null,
      at,
      data: { a: [1, 'é'] },
      bytes: Buffer.from([0, 255]),
      big: 2n ** 60n,
      tags: ['a', 'b"'],
    }
    const placed = await shop.orders.place(order('mina'), { with: { giftNotes: noteOf('hi 한글', values) } })
    expect(await notes()).toMatchObject([
      { order_id: placed.orderId, note: 'hi 한글', ...values, big: String(values.big), made: expect.any(Date) },
    ])
  })

  test('are not written for a refusal', async () => {
    expect(await place('mina', { giftNotes: noteOf('never') }, 99)).toMatchObject({ ok: false })
    expect(await notes()).toEqual([])
  })

  test('are not written again by a replay', async () => {
    const options = { idempotency: { scope: 'mina', key: 'k' }, with: { giftNotes: noteOf('once') } }
    const [first, second] = [
      await shop.orders.place(order('mina'), options),
      await shop.orders.place(order('mina'), options),
    ]
    expect(second).toEqual(first)
    expect(await notes()).toHaveLength(1)
  })

  test.each([
    ['a constraint', { note: 'wrong' }, '23514'],
    ['a missing value', { note: null }, '23502'],
    ['a type', { note: 'x', at: 'yesterday-ish' }, '22007'],
    ['a NUL', { note: 'a\0b' }, '22P05'],
    ['a column that is not among its columns', { note: 'x', made: 'now' }, '42703'],
  ])('that violate %s refuse their command', async (_, row, databaseCode) => {
    const outcome = await place('mina', { giftNotes: ({ orderId }: OrderView) => ({ order_id: orderId, ...row }) })
    expect(refusalOf(outcome)).toEqual({ code: 'COMPANION_FAILED', companion: 'giftNotes', databaseCode })
    expect([await notes(), await orders()]).toEqual([[], []])
    expect((await shop.products.get({ productId: 'mug' })).stock).toBe(10)
  })

  test('that are no JSON, or whose table is missing, refuse their command', async () => {
    const circular: Record<string, unknown> = { note: 'x' }
    circular['data'] = circular
    expect(refusalOf(await place('mina', { giftNotes: circular }))).toMatchObject({ databaseCode: null })
    expect(refusalOf(await place('mina', { missing: { a: 'x' } }))).toMatchObject({ databaseCode: '42P01' })
    expect(await orders()).toEqual([])
  })

  test('refuse only their own command of a group', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        place(`u${index}`, {
          giftNotes: noteOf(index % 4 === 0 ? 'wrong' : 'fine', { code: index < 4 ? 'same' : null }),
        }),
      ),
    )
    // Of the first four, one is wrong and two have the code of another one.
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(4)
    const codes = outcomes
      .map(refusalOf)
      .map((each) => (each === 'accepted' ? each : 'databaseCode' in each && each.databaseCode))
    expect(codes.filter((code) => code === '23514')).toHaveLength(2)
    expect(codes.filter((code) => code === '23505')).toHaveLength(2)
    const placed = (await orders()).map(({ orderId }) => orderId).sort()
    expect((await notes()).map((each: { order_id: string }) => each.order_id)).toEqual(placed)
    expect((await shop.audit()).violations).toEqual([])
  })

  test('go with code of the host, on the connection of the group', async () => {
    const placed = await shop.orders.place(order('mina'), {
      with: { ledger: ({ orderId, finalAmount }) => ({ order_id: orderId, amount: finalAmount }) },
    })
    expect(await database.knex('ledger')).toEqual([{ order_id: placed.orderId, amount: 10 }])
    const refused = await place('jun', { ledger: { order_id: placed.orderId, amount: 1 } })
    expect(refusalOf(refused)).toEqual({ code: 'COMPANION_FAILED', companion: 'ledger', databaseCode: '23505' })
    expect(await orders()).toHaveLength(1)
  })

  test('whose code throws refuse their command', async () => {
    onWrite = () => Promise.reject(new Error('a bug of the host'))
    const refused = await place('mina', { ledger: { order_id: 'o', amount: 1 } })
    expect(refusalOf(refused)).toEqual({ code: 'COMPANION_FAILED', companion: 'ledger', databaseCode: null })
    expect(await orders()).toEqual([])
  })

  test.each([
    'commit',
    'rollback',
    ' -- so\n/* it */ END',
    'start transaction',
    'select 1; rollback',
    'select 1; commit',
  ])('whose code sends %j are told what has happened', async (text) => {
    onTransaction = async (trx) => void (await trx.query(text))
    const outcome = await place('mina', { code: {} }).catch((error: unknown) => error)
    const told = { ok: (outcome as { ok?: boolean }).ok === true }
    expect(told.ok).toBe((await orders()).length === 1)
    if (!text.includes(';')) expect(outcome).toMatchObject({ refusal: { code: 'COMPANION_FAILED', companion: 'code' } })
    expect((await shop.audit()).violations).toEqual([])
  })

  test('may go back to savepoints of their code', async () => {
    onTransaction = async (trx) => {
      await trx.query('savepoint own')
      await trx.query('select 1 / 0').catch(() => {})
      await trx.query('rollback to savepoint own')
    }
    expect(await place('mina', { code: {} })).toMatchObject({ ok: true })
  })

  test('whose code hides an error of the database refuse their command', async () => {
    onTransaction = (trx) => trx.query('select 1 / 0').then(nothing, nothing)
    expect(refusalOf(await place('mina', { code: {} }))).toEqual({
      code: 'COMPANION_FAILED',
      companion: 'code',
      databaseCode: '25P02',
    })
    expect(await orders()).toEqual([])
  })

  test('whose code never ends refuse their command, and lock nothing for ever', async () => {
    onTransaction = () => new Promise(nothing)
    expect(refusalOf(await place('mina', { code: {} }))).toMatchObject({ companion: 'code', databaseCode: null })
    expect(await place('jun', {})).toMatchObject({ ok: true })
  })

  test('have no transaction after their end', async () => {
    let late: CompanionTransaction | undefined
    onTransaction = async (trx) => {
      late = trx
    }
    expect(await place('mina', { code: {} })).toMatchObject({ ok: true })
    await expect(late?.query(`insert into ledger values ('late', 1)`)).rejects.toThrow('has ended')
    expect(await database.knex('ledger')).toEqual([])
  })

  test('that violate a deferred constraint refuse only their own command', async () => {
    const child =
      (row: object) =>
      ({ orderId }: OrderView) => ({ order_id: orderId, ...row })
    const outcomes = await Promise.all([
      place('u1', { children: child({ parent: 'nobody' }) }),
      place('u2', { children: child({ code: 'same' }) }),
      place('u3', { children: child({ code: 'same' }) }),
      place('u4', { children: child({ parent: 'later' }), parents: { id: 'later' } }),
    ])
    const failed = (databaseCode: string) => ({ code: 'COMPANION_FAILED', companion: 'children', databaseCode })
    const [first, second, third, fourth] = outcomes.map(refusalOf)
    expect([first, fourth]).toEqual([failed('23503'), 'accepted'])
    expect([second, third]).toEqual(expect.arrayContaining(['accepted', failed('23505')]))
    expect([(await orders()).length, (await database.knex('children')).length]).toEqual([2, 2])
  })

  test('leave deferred constraints to the commit of a transaction of the host', async () => {
    await host.transaction(async (trx) => {
      const outcome = await shop
        .within(trx)
        .orders.place(order('mina'), { with: { children: { order_id: 'o', parent: 'p' } } })
      expect(outcome.ok).toBe(true)
      await trx.raw(`insert into parents values ('p')`)
    })
    expect(await orders()).toHaveLength(1)
  })

  test('are written once if the connection is lost while code of the host writes', async () => {
    onWrite = async (knex) => {
      if (writes > 1) return
      await knex.raw(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`)
    }
    const placed = await shop.orders.place(order('mina'), {
      with: { ledger: ({ orderId }) => ({ order_id: orderId, amount: 1 }) },
    })
    expect(writes).toBeGreaterThan(1)
    expect(await database.knex('ledger')).toMatchObject([{ order_id: placed.orderId }])
    expect(await orders()).toHaveLength(1)
  })

  test('work in a transaction of the host, and roll back with it', async () => {
    const bug = new Error('roll back')
    const rolledBack = host.transaction(async (trx) => {
      const placed = await shop.within(trx).orders.place(order('mina'), { with: { giftNotes: noteOf('inside') } })
      expect(placed.ok).toBe(true)
      expect(await trx('gift_notes')).toHaveLength(1)
      throw bug
    })
    await expect(rolledBack).rejects.toBe(bug)
    expect([await notes(), await orders()]).toEqual([[], []])
    await host.transaction(async (trx) => {
      const { orders } = shop.within(trx)
      const failed = await orders.place(order('mina'), { with: { giftNotes: noteOf('wrong') } })
      expect(refusalOf(failed)).toMatchObject({ code: 'COMPANION_FAILED', databaseCode: '23514' })
      const placed = await orders.place(order('mina'), { with: { giftNotes: noteOf('right'), ledger: [] } })
      expect(placed.ok).toBe(true)
    })
    expect([(await notes()).length, (await orders()).length]).toEqual([1, 1])
  })
})

describe('companions of the store', () => {
  test.each([
    ['no columns', { a: { columns: {} } }],
    ['a column that is no name', { a: { columns: { 'b"; drop': 'text' } } }],
    ['a type that is none', { a: { columns: { b: 'text); drop table x' } } }],
    ['a table that is no name', { a: { table: 'x y', columns: { b: 'text' } } }],
    ['a name that is none', { 'a b': { columns: { b: 'text' } } }],
  ])('are rejected with %s', (_, companions) => {
    expect(() => knexStore(database.knex, { companions })).toThrow(TypeError)
  })
})
