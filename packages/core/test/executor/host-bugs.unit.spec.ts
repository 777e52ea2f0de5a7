import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, isShopRefusal, relayOnce, timeOrderedIds } from '../../src/index.js'

const charge = (userId: string) => ({ userId, amount: 10 })

describe('a host application', () => {
  it('may throw in newId: the callers get the error, and the queue continues', async () => {
    const ids = timeOrderedIds()
    let breaks = true
    const newId = () => {
      if (breaks) throw new Error('no ids today')
      return ids()
    }
    const shop = createShop({ store: inMemoryStore(), newId, limits: { concurrentGroups: 1 } })
    await expect(shop.balance.charge(charge('one'))).rejects.toThrow('no ids today')
    breaks = false
    await expect(shop.balance.charge(charge('one'))).resolves.toMatchObject({ balance: 10 })
    await shop.close()
  })

  it('may throw in its observer: results do not change', async () => {
    const onGroup = () => {
      throw new Error('cannot count')
    }
    const shop = createShop({ store: inMemoryStore(), observer: { onGroup } })
    await expect(shop.balance.charge(charge('one'))).resolves.toMatchObject({ balance: 10 })
    await expect(shop.balance.charge(charge('one'))).resolves.toMatchObject({ balance: 20 })
  })

  it.each([
    [{ scope: 'a b', key: 'c' }, 'idempotency.scope'],
    [{ scope: 'a', key: '' }, 'idempotency.key'],
    [{ scope: 'a', key: 'k\0' }, 'idempotency.key'],
    [{ scope: 'a', key: 'k'.repeat(256) }, 'idempotency.key'],
    [{ scope: 'a', key: 5 as never }, 'idempotency.key'],
  ])('cannot use an idempotency key that could be confused with another: %j', async (idempotency, path) => {
    const shop = createShop({ store: inMemoryStore() })
    const refused = await shop.balance.charge(charge('one'), { idempotency }).catch((error: unknown) => error)
    const message = 'must be 1 to 255 visible ASCII characters'
    expect(isShopRefusal(refused) && refused.refusal).toEqual({ code: 'INVALID_REQUEST', errors: [{ path, message }] })
    expect(refused).toMatchObject({ replayed: false })
  })

  it('may report send errors that no store can keep: the deliveries are still recorded', async () => {
    const store = inMemoryStore()
    const shop = createShop({ store })
    const { productId } = await shop.products.create({ name: 'Mug', price: 10, stock: 1 })
    await shop.balance.charge(charge('one'))
    const { orderId } = await shop.orders.place({ userId: 'one', products: [{ productId, quantity: 1 }] })
    await shop.payments.pay({ userId: 'one', orderId })
    const error = `\0\ud800${'x'.repeat(5_000)}`
    const send = async () => ({ kind: 'refused', error }) as const
    await relayOnce(
      { store: store.outbox, sender: { send }, newId: timeOrderedIds(), random: () => 0 },
      new AbortController().signal,
    )
    const { items } = await shop.outbox.list({ limit: 1 })
    expect(items[0]).toMatchObject({ status: 'dead', lastError: `\ufffd\ufffd${'x'.repeat(998)}` })
  })

  it('may stop its relay during the last attempt: the event stays alive', async () => {
    const store = inMemoryStore()
    const shop = createShop({ store })
    const { productId } = await shop.products.create({ name: 'Mug', price: 0, stock: 1 })
    const { orderId } = await shop.orders.place({ userId: 'one', products: [{ productId, quantity: 1 }] })
    await shop.payments.pay({ userId: 'one', orderId })
    const stopping = new AbortController()
    const send = async () => {
      stopping.abort()
      throw new Error('cut off')
    }
    const deps = {
      store: store.outbox,
      sender: { send },
      newId: timeOrderedIds(),
      random: () => 0,
      options: { maxAttempts: 1 },
    }
    await relayOnce(deps, stopping.signal)
    expect((await shop.outbox.list({ limit: 1 })).items[0]).toMatchObject({ status: 'pending', attempts: 1 })
  })

  it('may ask for several audits at once: they share one', async () => {
    const store = inMemoryStore()
    let audits = 0
    const counting = {
      ...store,
      audit: () => {
        audits += 1
        return store.audit()
      },
    }
    const shop = createShop({ store: counting })
    await Promise.all([shop.audit(), shop.audit(), shop.audit()])
    await shop.audit()
    expect(audits).toBe(2)
  })

  it('cannot delete sent events that the audit still needs', async () => {
    const shop = createShop({ store: inMemoryStore() })
    await expect(shop.upkeep.purge({ outcomesMs: 0, sentEventsMs: 0, groupsMs: 0 })).rejects.toThrow(RangeError)
  })

  it('may ask for a page beyond the end: it is empty', async () => {
    const shop = createShop({ store: inMemoryStore() })
    const page = Number.MAX_SAFE_INTEGER
    await expect(shop.products.list({ page, size: 100 })).resolves.toEqual({ products: [], page, size: 100, total: 0 })
  })
})
