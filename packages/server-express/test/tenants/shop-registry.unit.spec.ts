import { createShop, isShopUnavailable, ShopUnavailable } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OpenShop } from '../../src/tenants/open-shop.js'
import { ShopNotFound } from '../../src/tenants/shop-not-found.js'
import { ShopRegistry } from '../../src/tenants/shop-registry.js'
import { openedOver } from './memory-shop.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A registry of shops in memory, and what it has done. */
const registryWith = (
  open: () => OpenShop | Promise<OpenShop>,
  options: { readonly maxOpen?: number; readonly schemaOf?: (shopId: string) => string } = {},
) => {
  const { schemaOf = (shopId: string) => shopId } = options
  const done: string[] = []
  const registry = new ShopRegistry({
    locate: async (shopId) => (shopId === 'ghost' ? undefined : { database: 'memory', schema: schemaOf(shopId) }),
    async open({ shopId }) {
      done.push(`open ${shopId}`)
      const opened = await open()
      return {
        ...opened,
        get isQuiet() {
          return opened.isQuiet
        },
        async close(graceMs: number) {
          await opened.close(graceMs)
          done.push(`close ${shopId}`)
        },
      }
    },
    idleMs: 60_000,
    maxOpen: options.maxOpen ?? 10,
    logger: pino({ level: 'silent' }),
  })
  return { registry, done }
}

const inMemory = () => openedOver(createShop({ store: inMemoryStore() }))

describe('the shops of a server', () => {
  test('a shop is opened once for many that come at once', async () => {
    const { registry, done } = registryWith(inMemory)
    const entries = await Promise.all(Array.from({ length: 20 }, () => registry.enter('books')))
    expect([new Set(entries).size, done]).toEqual([1, ['open books']])
  })

  test('a shop that cannot be opened is tried again after a second, and the reason is kept', async () => {
    let isAway = true
    const { registry, done } = registryWith(() => {
      if (isAway) throw new Error('the disk is full')
      return inMemory()
    })
    for (const _ of [1, 2, 3]) await expect(registry.enter('books')).rejects.toSatisfy(isShopUnavailable)
    await expect(registry.enter('books')).rejects.toMatchObject({ cause: { message: 'the disk is full' } })
    expect(done).toEqual(['open books'])
    isAway = false
    vi.advanceTimersByTime(1_001)
    await registry.enter('books')
    expect(done).toEqual(['open books', 'open books'])
  })

  test('a shop that does not exist is not found', async () => {
    const { registry } = registryWith(inMemory)
    await expect(registry.enter('ghost')).rejects.toBeInstanceOf(ShopNotFound)
  })

  test('a job opens a shop, and closes it unless somebody has asked for it meanwhile', async () => {
    const { registry, done } = registryWith(inMemory)
    const first = await registry.enter('books', { isJob: true })
    registry.leaveJob(first)
    await first.closed
    expect(done).toEqual(['open books', 'close books'])
    const second = await registry.enter('books', { isJob: true })
    const asked = await registry.enter('books')
    registry.leaveJob(second)
    asked.leave()
    expect([second.closed, registry.has('books')]).toEqual([undefined, true])
  })

  test('a shop whose events are under way when a job leaves stays open until they are not', async () => {
    let isQuiet = false
    const { registry, done } = registryWith(() => ({
      ...inMemory(),
      get isQuiet() {
        return isQuiet
      },
    }))
    const visited = await registry.enter('books', { isJob: true })
    registry.leaveJob(visited)
    await registry.tick()
    expect([done, registry.has('books')]).toEqual([['open books'], true])
    isQuiet = true
    await registry.tick()
    await visited.closed
    expect(done).toEqual(['open books', 'close books'])
  })

  test('a shop that somebody is in does not close for another one, which is unavailable then', async () => {
    const { registry, done } = registryWith(inMemory, { maxOpen: 1 })
    const books = await registry.enter('books')
    await expect(registry.enter('music')).rejects.toBeInstanceOf(ShopUnavailable)
    books.leave()
    await registry.enter('music')
    await books.closed
    expect(done).toContain('close books')
  })

  test('whoever asks for shops that do not exist closes none', async () => {
    const { registry, done } = registryWith(inMemory, { maxOpen: 1 })
    const books = await registry.enter('books')
    books.leave()
    await expect(registry.enter('ghost')).rejects.toBeInstanceOf(ShopNotFound)
    expect([done, books.closed]).toEqual([['open books'], undefined])
  })

  test('a shop that hangs while it opens keeps a bounded number of callers', async () => {
    const { registry } = registryWith(() => new Promise<OpenShop>(() => {}))
    const waiting = Array.from({ length: 2_000 }, () => registry.enter('books'))
    const further = registry.enter('books')
    await expect(further).rejects.toSatisfy(isShopUnavailable)
    expect(waiting).toHaveLength(2_000)
  })

  test('work of the host keeps a shop open, but a move waits for none of it', { timeout: 10_000 }, async () => {
    let schema = 'old'
    const { registry, done } = registryWith(inMemory, { schemaOf: () => schema })
    let finish = () => {}
    const working = registry.hold('books', async ({ shop }) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return shop.users.register({ userId: 'mina' })
    })
    await vi.waitFor(() => expect(registry.open).toHaveLength(1))
    vi.advanceTimersByTime(120_000)
    await registry.tick()
    expect(done).toEqual(['open books'])

    schema = 'new'
    const entry = await registry.enter('books')
    entry.leave()
    expect(done).toEqual(['open books', 'close books', 'open books'])
    finish()
    await expect(working).rejects.toSatisfy(isShopUnavailable)
  })

  test('work of the host ends before its shop closes with the server, unless it takes too long', async () => {
    const { registry, done } = registryWith(inMemory)
    let finish = () => {}
    const waits = new Promise<void>((resolve) => {
      finish = resolve
    })
    const working = registry.hold('books', async ({ shop }) => {
      await waits
      return shop.users.register({ userId: 'mina' })
    })
    void registry.hold('music', () => new Promise(() => {}))
    await vi.waitFor(() => expect(registry.open).toHaveLength(2))
    const unused = await registry.enter('films')
    unused.leave()
    const closed = registry.close(500)
    await unused.closed
    finish()
    expect((await working).userId).toBe('mina')
    await closed
    expect(done.slice(3)).toEqual(['close films', 'close books', 'close music'])
  })

  test('nobody enters while the server stops', async () => {
    const { registry, done } = registryWith(inMemory)
    const entry = await registry.enter('books')
    entry.leave()
    await registry.close(10)
    await expect(registry.enter('books')).rejects.toBeInstanceOf(ShopUnavailable)
    expect(done).toEqual(['open books', 'close books'])
  })
})
