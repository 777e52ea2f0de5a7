import { describe, expect, it } from 'vitest'
import { cancelOrder } from '../../src/commands.js'
import { isShopUnavailable } from '../../src/index.js'
import { StoreError, systemTimer } from '../../src/store.js'
import { bench, turn } from './held-store.js'

describe('the queue of the executor', () => {
  it('rejects the 20,001st command at once, and loses no other', async () => {
    const { held, executor, charge } = bench({ maxGroupSize: 5_000 })
    const answers = Array.from({ length: 20_000 }, () => charge('a', 1))
    await expect(charge('b')).rejects.toSatisfy(isShopUnavailable)
    expect(executor.queued).toBe(20_000)
    await turn()
    for (let index = 0; index < 4; index += 1) await held.call(index).commit()
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true)
    expect(await held.balance('a')).toBe(20_000)
    expect(executor.queued).toBe(0)
  })

  it('accepts commands again when there is room', async () => {
    const { held, charge } = bench({ maxQueued: 1 })
    const first = charge('a')
    await turn()
    await expect(charge('b')).rejects.toSatisfy(isShopUnavailable)
    await held.call(0).commit()
    await first
    charge('b')
    await turn()
    expect(held.calls).toHaveLength(2)
  })

  it('rejects commands whose caller has timed out, without starting them', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    const first = charge('a')
    await turn()
    const late = charge('b')
    timer.now = 600
    const inTime = charge('c')
    timer.now = 1_000
    await held.call(0).commit()
    await expect(first).resolves.toMatchObject({ ok: true })
    await expect(late).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: false })
    expect(held.call(1).wallets).toEqual(['c'])
    await held.call(1).commit()
    await expect(inTime).resolves.toMatchObject({ ok: true })
    expect(await held.balance('b')).toBeUndefined()
  })

  it('drops commands whose caller times out between two attempts', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    const early = charge('a')
    timer.now = 900
    const late = charge('b')
    await turn()
    timer.now = 999
    await held.call(0).fail('conflict')
    await expect(early).rejects.toSatisfy(isShopUnavailable)
    expect(held.call(1).wallets).toEqual(['b'])
    await held.call(1).commit()
    await expect(late).resolves.toMatchObject({ ok: true })
  })

  it('answers queued commands before it closes, and rejects new ones', async () => {
    const { held, executor, charge } = bench()
    const answers = [charge('a')]
    await turn()
    answers.push(charge('b'))
    let closed = false
    const closing = executor.close().then(() => {
      closed = true
    })
    await expect(charge('c')).rejects.toThrow('stopping')
    await held.call(0).commit()
    expect(closed).toBe(false)
    await held.call(1).commit()
    await closing
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }])
  })

  it('closes at once if nothing is queued', async () => {
    await expect(bench().executor.close()).resolves.toBeUndefined()
  })

  it('resolves every call to close', async () => {
    const { held, executor, charge } = bench()
    charge('a')
    await turn()
    let closed = 0
    const count = () => {
      closed += 1
    }
    void executor.close().then(count)
    void executor.close().then(count)
    await held.call(0).commit()
    await turn()
    expect(closed).toBe(2)
  })
})

describe('the system timer', () => {
  it('never goes back, and pauses', async () => {
    const began = systemTimer.elapsedMs()
    await systemTimer.pause(2)
    expect(systemTimer.elapsedMs() - began).toBeGreaterThan(1)
    const chance = Array.from({ length: 50 }, () => systemTimer.random())
    expect(chance.every((each) => each >= 0 && each < 1)).toBe(true)
    expect(new Set(chance).size).toBeGreaterThan(1)
  })
})

describe('prefetch', () => {
  const cancel = (orderId: string) => ({ command: cancelOrder, input: { orderId } })

  it('is coalesced while another read is running', async () => {
    const { held, submit } = bench()
    const looks: (readonly string[])[] = []
    const waiting: (() => void)[] = []
    held.outlines = async (orderIds) => {
      looks.push(orderIds)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return []
    }
    submit(cancel('o1'))
    submit(cancel('o2'))
    submit(cancel('o3'))
    submit(cancel('o2'))
    await turn()
    waiting[0]?.()
    await turn()
    expect(looks).toEqual([['o1'], ['o2', 'o3']])
  })

  it.each(['conflict', 'busy', 'unavailable'] as const)(
    'that fails with %s makes the shop unavailable',
    async (kind) => {
      const { held, executor, submit } = bench()
      held.outlines = () => Promise.reject(new StoreError(kind, 'test'))
      await expect(submit(cancel('o1'))).rejects.toSatisfy(isShopUnavailable)
      expect([executor.queued, held.calls.length]).toEqual([0, 0])
      held.outlines = async () => []
      const next = submit(cancel('o1'))
      await turn()
      await held.call(0).commit()
      await expect(next).resolves.toMatchObject({ refusal: { code: 'ORDER_NOT_FOUND' } })
    },
  )

  it('that fails for another reason rejects with that error', async () => {
    const { held, submit } = bench()
    held.outlines = () => Promise.reject(new TypeError('a bug in the adapter'))
    await expect(submit(cancel('o1'))).rejects.toThrow('a bug in the adapter')
  })
})
