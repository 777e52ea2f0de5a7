import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import {
  createShop,
  type HistoryWatchOptions,
  type LostHistory,
  resolvePolicies,
  type ShopOptions,
} from '../../src/index.js'
import { noKeys, nothingChanged, type Store, StoreError } from '../../src/store.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { ScriptedHistory, ScriptedTimer, settled } from './scripted-history.js'

const decidedAt = Date.UTC(2026, 0, 1)

const open = (options: HistoryWatchOptions = {}, more: Partial<ShopOptions<never>> = {}) => {
  const memory = inMemoryStore({ clock: manualClock(decidedAt) })
  const broken: { transact?: Store['transact'] | undefined } = {}
  const history = new ScriptedHistory()
  const store: Store = {
    ...memory,
    transact: (...args) => (broken.transact ?? memory.transact)(...args),
    history,
  }
  const timer = new ScriptedTimer()
  const shop = createShop({ store, timer, ...more })
  const lost: LostHistory[] = []
  const kept: string[] = []
  const changes: string[] = []
  const errors: unknown[] = []
  const watch = shop.history.watch({
    onLost: (each) => lost.push(each),
    onKept: ({ from, to, groups }) => kept.push(`${from} ${to} ${groups}`),
    onChange: ({ from, to }) => changes.push(`${from} ${to}`),
    onError: (error) => errors.push(error),
    ...options,
  })
  return { shop, memory, broken, history, timer, watch, lost, kept, changes, errors }
}

describe('a watched history', () => {
  it('is asked for its identity at the start and at its interval', async () => {
    const { history, timer } = open({ everyMs: 100 })
    await settled()
    expect(history.identities).toBe(1)
    await timer.move(99)
    expect(history.identities).toBe(1)
    await timer.move(1)
    expect(history.identities).toBe(2)
    expect(history.asked).toEqual([])
  })

  it('that changed without a loss is told, and nothing is recorded', async () => {
    const { shop, history, watch, kept, lost, changes } = open()
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    history.name = 'two'
    await watch.check()
    expect([kept, changes, lost]).toEqual([['one two 1'], ['one two'], []])
    expect((await shop.history.losses()).items).toEqual([])
  })

  it('is asked for groups that were acknowledged before its first identity was read', async () => {
    const { shop, history, watch, lost } = open()
    history.isAway = true
    await expect(watch.check()).rejects.toMatchObject({ kind: 'unavailable' })
    await shop.users.register({ userId: 'ann' })
    history.isAway = false
    history.lost = () => true
    await watch.check()
    expect(lost).toMatchObject([{ from: null, to: 'one', commands: 1 }])
  })

  it('counts what was answered: no replay, no refusal without a key, no read', async () => {
    const { shop, history, watch, lost } = open()
    await watch.check()
    const idempotency = { scope: 'ann', key: 'k' }
    await shop.users.register({ userId: 'ann' })
    await shop.balance.charge({ userId: 'ann', amount: 10_000 }, { idempotency })
    await shop.balance.charge({ userId: 'ann', amount: 10_000 }, { idempotency })
    await expect(shop.users.register({ userId: 'ann' })).rejects.toMatchObject({
      refusal: { code: expect.any(String) },
    })
    await shop.balance.get({ userId: 'ann' })
    history.name = 'two'
    history.lost = () => true
    await watch.check()
    expect(lost).toMatchObject([{ groups: 2, commands: 2, orderIds: [] }])
  })

  it('loses only the groups that are missing, each once, through several changes', async () => {
    const { shop, history, watch, lost } = open()
    await watch.check()
    for (const userId of ['ann', 'bob', 'eve']) await shop.users.register({ userId })
    history.name = 'two'
    await watch.check()
    const [ann, bob] = history.asked[0] ?? []
    history.name = 'three'
    history.lost = (id) => id === ann
    await watch.check()
    history.name = 'four'
    history.lost = (id) => id === ann || id === bob
    await watch.check()
    expect(lost.map(({ to, groups }) => `${to} ${groups}`)).toEqual(['three 1', 'four 1'])
    const { items } = await shop.history.losses()
    expect(items.map(({ lossId }) => lossId).sort()).toEqual([ann, bob].sort())
  })

  it('does not take a group for lost whose mark may be purged', async () => {
    const { shop, history, watch, lost, kept } = open()
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    history.lost = () => true
    const hour = 3_600_000
    for (const [name, oldestMarkAt] of [
      ['two', null],
      ['three', decidedAt + 1],
    ] as const) {
      Object.assign(history, { name, now: decidedAt + hour, oldestMarkAt })
      await watch.check()
    }
    expect([lost, kept]).toEqual([[], ['one two 1', 'two three 1']])
    Object.assign(history, { name: 'four', oldestMarkAt: decidedAt })
    await watch.check()
    expect(lost).toMatchObject([{ to: 'four', groups: 1 }])
  })

  it('reports a young group as lost although the store has no mark at all', async () => {
    const { shop, history, watch, lost } = open()
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    Object.assign(history, { name: 'two', lost: () => true, now: decidedAt + 599_999, oldestMarkAt: null })
    await watch.check()
    expect(lost).toMatchObject([{ to: 'two', groups: 1 }])
  })

  it('stays in doubt for a minute after a change: groups that are acknowledged late are asked for', async () => {
    const { shop, history, timer, watch, lost } = open({ everyMs: 5_000 })
    await watch.check()
    history.name = 'two'
    await watch.check()
    // A connection to the server before has lived on.
    await shop.users.register({ userId: 'late' })
    history.lost = () => true
    await timer.move(5_000)
    expect(lost).toMatchObject([{ from: 'two', to: 'two', commands: 1 }])
    await timer.move(60_000)
    history.asked.length = 0
    await shop.users.register({ userId: 'later' })
    await timer.move(5_000)
    expect(history.asked).toEqual([])
  })

  it('is checked again if another server answered in the middle', async () => {
    const { shop, history, watch, lost } = open()
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    history.name = 'two'
    const { missing } = history
    history.missing = async () => ({ history: 'one', groupIds: [], now: decidedAt, oldestMarkAt: decidedAt })
    await expect(watch.check()).rejects.toThrow('another server')
    history.missing = missing
    history.lost = () => true
    await watch.check()
    expect(lost).toMatchObject([{ commands: 1 }])
  })

  it('keeps a loss until it is recorded, and reports it once', async () => {
    const { shop, broken, history, timer, watch, lost, errors } = open({ everyMs: 5_000 })
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    history.name = 'two'
    history.lost = () => true
    broken.transact = async () => {
      throw new StoreError('rejected', 'no room')
    }
    await expect(watch.check()).rejects.toMatchObject({ kind: 'rejected' })
    expect(errors).toHaveLength(1)
    broken.transact = undefined
    await timer.move(500)
    expect((await shop.history.losses()).items).toMatchObject([{ commands: 1, toHistory: 'two' }])
    expect(lost).toHaveLength(1)
  })

  it('records a loss again if the next change loses its record', async () => {
    const { shop, memory, history, watch, lost } = open()
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    history.name = 'two'
    history.lost = () => true
    await watch.check()
    const [loss] = memory.rows('historyLosses')
    await memory.transact(noKeys, () => ({
      ...nothingChanged,
      historyLosses: { inserted: [], updated: [], removed: loss ? [loss] : [] },
    }))
    expect((await shop.history.losses()).items).toEqual([])
    history.name = 'three'
    await watch.check()
    expect((await shop.history.losses()).items).toMatchObject([{ lossId: loss?.lossId, toHistory: 'two' }])
    expect(lost).toHaveLength(1)
  })

  it('is checked at once when a command loses its connection', async () => {
    const { shop, broken, history, timer } = open({ everyMs: 60_000 })
    await settled()
    await timer.move(1_000)
    const before = history.identities
    broken.transact = async () => {
      throw new StoreError('unavailable', 'reset')
    }
    await expect(shop.users.register({ userId: 'ann' })).rejects.toMatchObject({ name: 'ShopUnavailable' })
    await settled()
    expect(history.identities).toBe(before + 1)
  })

  it('is not asked while a text that several shops share stays the same', async () => {
    let shared = 'a'
    const { shop, history, watch, kept } = open({ identity: async () => shared })
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    const before = history.identities
    await watch.check()
    expect(history.identities).toBe(before)
    shared = 'b'
    history.name = 'two'
    await watch.check()
    expect(kept).toEqual(['one two 1'])
  })

  it('ends with the shop, and can be watched once at a time', async () => {
    const { shop, history, timer, watch } = open({ everyMs: 100 })
    expect(() => shop.history.watch()).toThrow('watched already')
    await shop.close()
    const before = history.identities
    await timer.move(1_000)
    await watch.check()
    expect(history.identities).toBe(before)
  })

  it('needs marks that are kept longer than it remembers', async () => {
    const { shop, watch } = open()
    const day = 86_400_000
    const purge = (groupsMs: number) => shop.upkeep.purge({ outcomesMs: day, sentEventsMs: day, groupsMs })
    await expect(purge(600_000)).rejects.toThrow(RangeError)
    await purge(600_001)
    await watch.stop()
    await purge(0)
  })

  it('is refused where the store cannot tell, and for a wrong interval', () => {
    expect(() => createShop({ store: inMemoryStore() }).history.watch()).toThrow('cannot tell')
    expect(() => open({ everyMs: 0 })).toThrow(RangeError)
  })

  it('becomes several losses if it names more than a thousand orders', async () => {
    const policies = resolvePolicies('standard', { order: { pendingPerUser: null } })
    const { shop, history, watch, lost } = open({}, { policies })
    await watch.check()
    await shop.users.register({ userId: 'ann' })
    await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 9_999 })
    for (let round = 0; round < 11; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, () =>
          shop.orders.place({ userId: 'ann', products: [{ productId: 'p', quantity: 1 }] }),
        ),
      )
    }
    history.name = 'two'
    history.lost = () => true
    await watch.check()
    const { items } = await shop.history.losses()
    expect(items.length).toBeGreaterThan(1)
    expect(items.every(({ orderIds, isPartial }) => orderIds.length <= 1_000 && !isPartial)).toBe(true)
    expect(items.flatMap(({ orderIds }) => orderIds).sort()).toEqual(lost[0]?.orderIds)
    expect(lost[0]?.orderIds).toHaveLength(1_100)
    expect(items.reduce((sum, { commands }) => sum + commands, 0)).toBe(lost[0]?.commands)
  })
})
