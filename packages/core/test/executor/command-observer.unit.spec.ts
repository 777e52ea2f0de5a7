import { describe, expect, it } from 'vitest'
import { chargeBalance } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  type CommandMiddleware,
  createShop,
  type ExecutorObserver,
  type Shop,
  type ShopOptions,
  ShopUnavailable,
} from '../../src/index.js'
import { StoreError } from '../../src/store.js'
import { brokenCommands } from './broken-commands.js'

type Observed = Parameters<NonNullable<ExecutorObserver['onCommand']>>[0]

const observed = (options: Partial<ShopOptions<never>> = {}) => {
  const told: Observed[] = []
  const timer = { elapsedMs: () => 0, pause: async () => {}, random: () => 0 }
  const observer = { onCommand: (call: Observed) => told.push(call) }
  return { told, shop: createShop({ store: inMemoryStore(), timer, observer, ...options }) }
}

const charge = (shop: Shop, amount = 5, idempotency?: { scope: string; key: string }) =>
  shop.execute(chargeBalance, { userId: 'a', amount }, { idempotency })

const told = (outcome: Observed['outcome'], replayed = false): Observed => ({
  command: 'charge-balance',
  ms: 0,
  outcome,
  replayed,
})

describe('an observer is told of each call', () => {
  it('that it succeeded, and whether the answer is a replay', async () => {
    const { shop, told: seen } = observed()
    const key = { scope: 'a', key: 'k' }
    await charge(shop, 5, key)
    await charge(shop, 5, key)
    await charge(shop, 6, key)
    expect(seen).toEqual([told('ok'), told('ok', true), told('IDEMPOTENCY_KEY_REUSED')])
  })

  it('by the code of a refusal, for input and options that are invalid, too', async () => {
    const { shop, told: seen } = observed()
    await charge(shop, 1_000_001)
    await charge(shop, 0.5)
    await shop.execute(chargeBalance, { userId: 'a', amount: 5 }, { idempotence: 'k' } as never)
    await expect(shop.balance.charge({ userId: '', amount: 5 })).rejects.toThrow('INVALID_REQUEST')
    expect(seen).toEqual([told('CHARGE_AMOUNT_INVALID'), ...Array(3).fill(told('INVALID_REQUEST'))])
  })

  it('that the shop is unavailable, or has a bug', async () => {
    const { shop, told: seen } = observed()
    await expect(shop.execute(brokenCommands.throws, { userId: 'a' })).rejects.toThrow('the decider is broken')
    await shop.close()
    await expect(charge(shop)).rejects.toThrow('the shop is stopping')
    expect(seen).toEqual([{ ...told('error'), command: 'broken' }, told('unavailable')])
  })

  it('once, however often its group was retried', async () => {
    const store = inMemoryStore()
    let failures = 3
    const transact: typeof store.transact = async (...arguments_) => {
      if (failures-- > 0) throw new StoreError('conflict', 'test')
      return store.transact(...arguments_)
    }
    const { shop, told: seen } = observed({ store: { ...store, transact } })
    await charge(shop)
    expect(failures).toBe(-1)
    expect(seen).toEqual([told('ok')])
  })

  it('by the outcome that middleware leaves, with the time that it takes', async () => {
    let now = 100
    const timer = { elapsedMs: () => now, pause: async () => {}, random: () => 0 }
    const gate: CommandMiddleware = async () => {
      now += 7
      throw new ShopUnavailable('the gate is closed')
    }
    const { shop, told: seen } = observed({ timer, middleware: [gate] })
    await expect(charge(shop)).rejects.toThrow('the gate is closed')
    expect(seen).toEqual([{ ...told('unavailable'), ms: 7 }])
  })

  it('without any effect of an error of its own', async () => {
    const observer: ExecutorObserver = {
      onCommand() {
        throw new Error('the observer is broken')
      },
    }
    const { shop } = observed({ observer })
    await expect(charge(shop)).resolves.toMatchObject({ ok: true })
    await expect(charge(shop, 0.5)).resolves.toMatchObject({ ok: false })
    await shop.close()
    await expect(charge(shop)).rejects.toThrow('the shop is stopping')
  })

  it('on the observer itself, which may be an object of a class', async () => {
    class Counter implements ExecutorObserver {
      count = 0
      onCommand() {
        this.count += 1
      }
    }
    const observer = new Counter()
    const { shop } = observed({ observer })
    await charge(shop)
    expect(observer.count).toBe(1)
  })
})
