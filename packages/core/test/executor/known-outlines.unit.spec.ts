import { describe, expect, it } from 'vitest'
import { createProduct, payOrder, placeOrder } from '../../src/commands.js'
import { Executor } from '../../src/engine/executor.js'
import { KnownOutlines } from '../../src/engine/known-outlines.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { type OrderView, resolvePolicies } from '../../src/index.js'
import type { Order } from '../../src/model/order.js'
import { StoreError } from '../../src/store.js'
import { countedIds } from '../../src/testing/manual-clock.js'

const policies = resolvePolicies()

/** A shop over a store that can lose everything and can fail to commit. */
const bench = () => {
  let rows = inMemoryStore()
  let fails = false
  const asked: string[] = []
  const executor = new Executor({
    store: {
      transact: async (keys, decide, options) => {
        const isLost = fails
        fails = false
        return rows.transact(
          keys,
          (loaded) => {
            const changes = decide(loaded)
            if (isLost) throw new StoreError('unavailable', 'test: not committed')
            return changes
          },
          options,
        )
      },
      outlines: async (orderIds) => {
        asked.push(...orderIds)
        return rows.outlines(orderIds)
      },
      couponsWithCodes: (codes) => rows.couponsWithCodes(codes),
      committed: (groupId) => rows.committed(groupId),
    },
    policies,
    newId: countedIds('id'),
    limits: { maxRetries: 0 },
  })
  const stock = (productId: string) =>
    executor.submit({ command: createProduct, input: { productId, name: productId, price: 0, stock: 100 } })
  const place = (productId: string, orderId?: string) =>
    executor.submit({
      command: placeOrder,
      input: { userId: 'mina', products: [{ productId, quantity: 1 }], ...(orderId !== undefined && { orderId }) },
    })
  const pay = (orderId: string) => executor.submit({ command: payOrder, input: { userId: 'mina', orderId } })
  const placed = async (productId: string, orderId?: string) => {
    const outcome = await place(productId, orderId)
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    return (outcome.result as OrderView).orderId
  }
  const loseAll = () => {
    rows = inMemoryStore()
  }
  const failNext = () => {
    fails = true
  }
  return { asked, stock, place, placed, pay, loseAll, failNext }
}

describe('outlines of orders that were placed lately', () => {
  it('are not read again', async () => {
    const { asked, stock, placed, pay } = bench()
    await stock('mug')
    expect(await pay(await placed('mug'))).toMatchObject({ ok: true })
    expect(asked).toEqual([])
  })

  it('are known only once the order is committed', async () => {
    const { asked, stock, place, placed, pay, failNext } = bench()
    await stock('mug')
    failNext()
    await expect(place('mug')).rejects.toMatchObject({ ambiguous: false })
    const orderId = await placed('mug')
    const [, prefix = '', number = ''] = /^(\D+)(\d+)$/.exec(orderId) ?? []
    const others = Array.from({ length: Number(number) - 1 }, (_, index) => `${prefix}${index + 1}`)
    for (const other of others) expect(await pay(other)).toMatchObject({ refusal: { code: 'ORDER_NOT_FOUND' } })
    expect(asked).toEqual(others)
  })

  it('do no harm if the store has lost the order', async () => {
    const { asked, stock, placed, pay, loseAll } = bench()
    await stock('mug')
    const orderId = await placed('mug')
    loseAll()
    expect(await pay(orderId)).toMatchObject({ refusal: { code: 'ORDER_NOT_FOUND', orderId } })
    expect(asked).toEqual([])
  })

  it('are not those of orders with a chosen id, which another order may have after a loss', async () => {
    const { asked, stock, placed, pay, loseAll } = bench()
    await stock('mug')
    await placed('mug', 'chosen')
    loseAll()
    await stock('cup')
    await placed('cup', 'chosen')
    expect(await pay('chosen')).toMatchObject({ ok: true, result: { order: { lines: [{ productId: 'cup' }] } } })
    expect(asked).toEqual(['chosen'])
  })
})

describe('KnownOutlines', () => {
  const order = (orderId: string, ...productIds: string[]) =>
    ({
      orderId,
      userId: 'mina',
      couponId: null,
      lines: productIds.map((productId) => ({ productId })),
    }) as unknown as Order

  const knownOf = (known: KnownOutlines, ...orderIds: string[]) =>
    orderIds.filter((orderId) => known.of({ orders: [orderId] }) !== undefined)

  it('forgets the oldest orders: few large ones or many small ones', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const small = new KnownOutlines(15)
    for (const id of ids) small.learn([order(id, 'mug')], [])
    expect(knownOf(small, ...ids)).toEqual(['d', 'e', 'f', 'g'])
    const large = new KnownOutlines(15)
    for (const id of ids) large.learn([order(id, 'mug', 'cup', 'jug', 'pot', 'pan', 'tin')], [])
    expect(knownOf(large, ...ids)).toEqual(['f', 'g'])
  })

  it('answers only if it knows all orders of the prefetch, and shows no others', () => {
    const known = new KnownOutlines()
    known.learn([order('a', 'mug'), order('b', 'cup'), order('c', 'jug')], ['c'])
    expect(known.of({ orders: ['a', 'x'] })).toBeUndefined()
    expect(known.of({ orders: ['a', 'c'] })).toBeUndefined()
    expect(known.of({ orders: ['a'], couponCodes: ['SPRING'] })).toBeUndefined()
    const outlines = known.of({ orders: ['a'] })
    expect(outlines?.order('a')).toEqual({ orderId: 'a', userId: 'mina', couponId: null, productIds: ['mug'] })
    expect(outlines?.order('b')).toBeUndefined()
  })
})
