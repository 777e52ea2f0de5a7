import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Store } from '../../src/index.js'
import { StoreError, type Transactor } from '../../src/store.js'

/** A caller's transaction, as the shop sees it. */
interface FakeTx {
  readonly name: string
}

const withTransactions = (
  transactor: (tx: FakeTx, memory: Store) => Transactor & Pick<Store, 'reads'> = (_, memory) => memory,
) => {
  const memory = inMemoryStore()
  const used: string[] = []
  const store: Store<FakeTx> = {
    ...memory,
    transact: () => Promise.reject(new Error('the shop’s own transaction was used')),
    within(tx) {
      used.push(tx.name)
      return transactor(tx, memory)
    },
  }
  return { memory, used, shop: createShop({ store }) }
}

const tx: FakeTx = { name: 'mine' }

describe('shop.within', () => {
  it('works in the caller’s transaction, one transact for each command', async () => {
    let transactions = 0
    const { shop, used, memory } = withTransactions((_, rows) => ({
      ...rows,
      transact: (keys, decide, options) => {
        transactions += 1
        expect(options?.groupId).toBeUndefined()
        return rows.transact(keys, decide, options)
      },
    }))
    const mine = shop.within(tx)
    await Promise.all([1, 2, 3].map((amount) => mine.balance.charge({ userId: 'u', amount })))
    expect([used, transactions]).toEqual([['mine'], 3])
    expect((await memory.reads.wallet('u')).found?.balance).toBe(6)
  })

  it('returns refusals as values, so that the caller’s own work is kept', async () => {
    const mine = withTransactions().shop.within(tx)
    await expect(mine.balance.charge({ userId: 'u', amount: 0 })).resolves.toMatchObject({
      ok: false,
      refusal: { code: 'CHARGE_AMOUNT_INVALID' },
      replayed: false,
    })
    await expect(mine.balance.charge({ userId: 'u', amount: 0.5 })).resolves.toMatchObject({
      ok: false,
      refusal: { code: 'INVALID_REQUEST' },
    })
  })

  it('keeps idempotency keys as outside a transaction', async () => {
    const { shop, memory } = withTransactions()
    const mine = shop.within(tx)
    const idempotency = { scope: 'u', key: 'k' }
    const first = await mine.balance.charge({ userId: 'u', amount: 1 }, { idempotency })
    const again = await mine.balance.charge({ userId: 'u', amount: 1 }, { idempotency })
    expect(again).toEqual({ ...first, replayed: true })
    await expect(mine.balance.charge({ userId: 'u', amount: 2 }, { idempotency })).resolves.toMatchObject({
      refusal: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect((await memory.reads.wallet('u')).found?.balance).toBe(1)
  })

  it('keeps references as outside a transaction', async () => {
    const { shop, memory } = withTransactions()
    const mine = shop.within(tx)
    const sent = { userId: 'u', amount: 1, reference: 'r' }
    const first = await mine.balance.charge(sent)
    expect(first).toMatchObject({ ok: true, replayed: false })
    expect(await mine.balance.charge(sent)).toEqual({ ...first, replayed: true })
    expect(await mine.balance.charge({ ...sent, amount: 2 })).toMatchObject({ refusal: { code: 'REFERENCE_REUSED' } })
    expect(await mine.balance.grant({ userId: 'u', amount: 5 })).toMatchObject({ ok: true, result: { balance: 6 } })
    expect(await mine.balance.withdraw({ userId: 'u', amount: 2 })).toMatchObject({
      ok: false,
      refusal: { code: 'BALANCE_INSUFFICIENT', balance: 1 },
    })
    expect(await mine.balance.adjust({ userId: 'u', change: -1, reason: 'test' })).toMatchObject({
      result: { balance: 5 },
    })
    expect(memory.rows('entries')).toHaveLength(3)
  })

  it('reads orders through the caller’s transaction, which may have placed them', async () => {
    const { shop, memory } = withTransactions((_, rows) => rows)
    const mine = shop.within(tx)
    await mine.products.create({ productId: 'p', name: 'P', price: 1, stock: 1 })
    await mine.balance.charge({ userId: 'u', amount: 5 })
    const placed = await mine.orders.place({ userId: 'u', products: [{ productId: 'p', quantity: 1 }] })
    const orderId = placed.ok ? placed.result.orderId : ''
    await expect(mine.payments.pay({ userId: 'u', orderId })).resolves.toMatchObject({ ok: true })
    expect((await memory.reads.order(orderId)).found?.status).toBe('paid')
  })

  it.each(['conflict', 'busy', 'unavailable', 'ambiguous', 'rejected'] as const)(
    'never retries: %s goes to the caller',
    async (kind) => {
      let tried = 0
      const { shop } = withTransactions((_, rows) => ({
        ...rows,
        transact: () => {
          tried += 1
          return Promise.reject(new StoreError(kind, 'test'))
        },
      }))
      await expect(shop.within(tx).users.register({ userId: 'u' })).rejects.toMatchObject({ kind })
      expect(tried).toBe(1)
    },
  )

  it('throws if the store does not support it', () => {
    const shop = createShop<FakeTx>({ store: inMemoryStore() as Store<FakeTx> })
    expect(() => shop.within(tx)).toThrow('cannot work inside a transaction of the caller')
  })

  it('throws if the store never asks for a decision', async () => {
    const { shop } = withTransactions((_, rows) => ({ ...rows, transact: async () => {} }))
    await expect(shop.within(tx).users.register({ userId: 'u' })).rejects.toThrow('did not ask for a decision')
  })
})
