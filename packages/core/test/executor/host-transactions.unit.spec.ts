import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, isShopUnavailable, type ShopOptions, type Store } from '../../src/index.js'
import { StoreError, type Timer, type TransactionOpener } from '../../src/store.js'

/** A store that opens transactions which only have a number. */
const opening = (atOnce: number) => {
  const memory = inMemoryStore()
  const log = { open: 0, most: 0, committed: 0, rolledBack: 0 }
  let numbers = 0
  const transactions: TransactionOpener<number> = {
    atOnce,
    async run<T, Opened>(work: (tx: Opened) => Promise<T>) {
      log.open += 1
      log.most = Math.max(log.most, log.open)
      numbers += 1
      try {
        const result = await work(numbers as unknown as Opened)
        log.committed += 1
        return result
      } catch (error) {
        log.rolledBack += 1
        throw error
      } finally {
        log.open -= 1
      }
    },
  }
  const store: Store<number> = { ...memory, within: () => memory, transactions }
  return { log, store }
}

/** A timer whose time passes only by `advance`. */
const manualTimer = () => {
  let elapsed = 0
  let alarms: { readonly at: number; readonly work: () => void }[] = []
  const timer: Timer = {
    elapsedMs: () => elapsed,
    random: () => 0,
    pause: async () => {},
    after: (ms, work) => void alarms.push({ at: elapsed + ms, work }),
  }
  const advance = (ms: number) => {
    elapsed += ms
    const due = alarms.filter(({ at }) => at <= elapsed)
    alarms = alarms.filter(({ at }) => at > elapsed)
    for (const { work } of due) work()
  }
  return { timer, advance }
}

const held = () => {
  let release = () => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  return { until, release }
}

const shopOn = (atOnce: number, options: Partial<ShopOptions<number>> = {}) => {
  const { log, store } = opening(atOnce)
  return { log, shop: createShop({ ...options, store }) }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('shop.transaction', () => {
  it('gives the transaction, and the calls in it', async () => {
    const { log, shop } = shopOn(1)
    const result = await shop.transaction(async (tx, calls) => {
      await calls.balance.charge({ userId: 'mina', amount: 5 })
      return [tx, await calls.balance.get({ userId: 'mina' }), await calls.balance.get({ userId: 'nobody' })] as const
    })
    expect(result).toMatchObject([
      1,
      { ok: true, result: { balance: 5 } },
      { ok: false, refusal: { code: 'USER_NOT_FOUND' } },
    ])
    expect(log).toMatchObject({ committed: 1, rolledBack: 0 })
  })

  it('ends after the calls that nobody has awaited', async () => {
    const { log, shop } = shopOn(1)
    let charged: Promise<unknown> = Promise.resolve()
    let committedBefore = -1
    await shop.transaction(async (_tx, calls) => {
      charged = calls.balance.charge({ userId: 'mina', amount: 5 }).finally(() => {
        committedBefore = log.committed
      })
    })
    expect([await charged, committedBefore]).toMatchObject([{ ok: true }, 0])
  })

  it('refuses calls after its end: its connection may belong to another transaction', async () => {
    const { shop } = shopOn(1)
    const calls = await shop.transaction(async (_tx, inside) => inside)
    const ended = { name: 'StoreError', kind: 'rejected', message: expect.stringContaining('has ended') }
    await expect(calls.balance.charge({ userId: 'mina', amount: 5 })).rejects.toMatchObject(ended)
    await expect(calls.balance.get({ userId: 'mina' })).rejects.toMatchObject(ended)
    const quote = calls.orders.quote({ userId: 'mina', products: [{ productId: 'mug', quantity: 1 }] })
    await expect(quote).rejects.toMatchObject(ended)
    await expect(shop.balance.get({ userId: 'mina' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' })
  })

  it.each([Number.POSITIVE_INFINITY, 2 ** 31])(
    'waits as long as a timer can, if it may wait %s ms',
    async (timeoutMs) => {
      const delays: number[] = []
      const timer: Timer = { ...manualTimer().timer, after: (ms) => void delays.push(ms) }
      const { shop } = shopOn(1, { timer })
      const { until, release } = held()
      const first = shop.transaction(() => until)
      const second = shop.transaction(async () => 'begun', { timeoutMs })
      expect(delays).toEqual([2 ** 31 - 1])
      release()
      expect(await Promise.all([first, second])).toEqual([undefined, 'begun'])
    },
  )

  it('runs no more at once than the store allows, in the order of arrival', async () => {
    const { log, shop } = shopOn(3)
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        shop.transaction(async () => {
          order.push(index)
          await settled()
        }),
      ),
    )
    expect(log.most).toBe(3)
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('tells who cannot begin in time, and runs the others', async () => {
    const { timer, advance } = manualTimer()
    const { log, shop } = shopOn(1, { timer })
    const first = held()
    const running = shop.transaction(() => first.until)
    const late = shop.transaction(async () => 'late', { timeoutMs: 100 }).catch((error: unknown) => error)
    const patient = shop.transaction(async () => 'patient', { timeoutMs: 1_000 })
    await settled()
    advance(100)
    const error = await late
    expect(isShopUnavailable(error) && !error.ambiguous && error.message).toContain('within 100 ms')
    first.release()
    expect(await patient).toBe('patient')
    advance(1_000)
    await running
    expect(log).toMatchObject({ committed: 2, open: 0 })
  })

  it('refuses more than the queue can hold', async () => {
    const { shop } = shopOn(1, { limits: { maxQueued: 1 } })
    const first = held()
    const calls = [1, 2, 3].map((number) =>
      shop.transaction(async () => {
        await first.until
        return number
      }),
    )
    const refused = await calls[2]?.catch((error: unknown) => error)
    expect(isShopUnavailable(refused)).toBe(true)
    first.release()
    expect(await Promise.all(calls.slice(0, 2))).toEqual([1, 2])
  })

  it('rolls back and rejects with the error of the work', async () => {
    const { log, shop } = shopOn(1)
    const bug = new Error('a bug')
    await expect(shop.transaction(() => Promise.reject(bug))).rejects.toBe(bug)
    await expect(shop.transaction(async () => 'next')).resolves.toBe('next')
    expect(log).toMatchObject({ committed: 1, rolledBack: 1 })
  })

  it.each([
    ['unavailable', false],
    ['busy', false],
    ['conflict', false],
    ['ambiguous', true],
  ] as const)('is unavailable if the store is %s', async (kind, ambiguous) => {
    const { shop } = shopOn(1)
    const error: unknown = await shop
      .transaction(() => Promise.reject(new StoreError(kind, 'the reason')))
      .catch((each: unknown) => each)
    expect(error).toMatchObject({ ambiguous, message: expect.stringContaining('the reason') })
    expect(isShopUnavailable(error)).toBe(true)
  })

  it('waits for open ones when the shop closes, and rejects those that wait', async () => {
    const { shop } = shopOn(1)
    const first = held()
    const running = shop.transaction(async () => {
      await first.until
      return 'done'
    })
    const waiting = shop.transaction(async () => 'never').catch((error: unknown) => error)
    let isClosed = false
    const closing = shop.close().then(() => {
      isClosed = true
    })
    expect(isShopUnavailable(await waiting)).toBe(true)
    await settled()
    expect(isClosed).toBe(false)
    first.release()
    expect(await running).toBe('done')
    await closing
    await expect(shop.transaction(async () => 'late')).rejects.toThrow('stopping')
  })

  it('needs a store that opens transactions', async () => {
    const shop = createShop({ store: inMemoryStore() })
    await expect(shop.transaction(async () => 1)).rejects.toThrow('cannot open transactions')
  })
})
