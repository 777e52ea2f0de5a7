import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OpenShop } from '../../src/tenants/open-shop.js'
import { ShopEntry } from '../../src/tenants/shop-entry.js'
import type { ShopLocation } from '../../src/tenants/shop-location.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const here: ShopLocation = { database: 'a', schema: 'books' }

/** A shop that was found at `here` now, and how often its location was asked for since. */
const foundEntry = ({ found }: { found: ShopLocation | undefined | Error }) => {
  const entry = new ShopEntry('books', async () => ({}) as OpenShop)
  entry.locatedAt(here, performance.now())
  const state = { asked: 0, found }
  const locate = async () => {
    state.asked += 1
    if (state.found instanceof Error) throw state.found
    return state.found
  }
  return { entry, state, isThere: () => entry.isThere(locate), mayWrite: () => entry.mayWrite(locate) }
}

describe('the place of an open shop', () => {
  test('is not asked for within 2.5 s', async () => {
    const { state, isThere } = foundEntry({ found: undefined })
    vi.advanceTimersByTime(2_400)
    expect([await isThere(), state.asked]).toEqual([true, 0])
  })

  test('is asked for after that without a wait, once for many requests', async () => {
    const { entry, state, isThere } = foundEntry({ found: { ...here, schema: 'moved' } })
    vi.advanceTimersByTime(3_000)
    expect(await Promise.all([isThere(), isThere(), isThere()])).toEqual([true, true, true])
    expect([state.asked, entry.hasMoved]).toEqual([1, true])
    expect(await isThere()).toBe(false)
  })

  test.each([
    ['schema', { ...here, schema: 'other' }],
    ['database', { ...here, database: 'b' }],
    ['policies', { ...here, policies: { order: { holdMinutes: 1 } } }],
    ['currency', { ...here, currency: 'USD' }],
    ['existence', undefined],
  ])('is asked for before a request after 5 s: another %s means another shop', async (_, found) => {
    const { isThere, mayWrite } = foundEntry({ found })
    vi.advanceTimersByTime(5_001)
    expect([await isThere(), await mayWrite()]).toEqual([false, false])
  })

  test('that refuses writes stays open for reads, until it takes them again', async () => {
    const { state, isThere, mayWrite } = foundEntry({ found: { ...here, writesRefused: true } })
    vi.advanceTimersByTime(5_001)
    expect([await isThere(), await mayWrite()]).toEqual([true, false])
    state.found = { ...here, preset: undefined, policies: undefined }
    vi.advanceTimersByTime(5_001)
    expect([await isThere(), await mayWrite()]).toEqual([true, true])
  })

  test('that nobody can tell takes no writes: reads go on, and it is asked for once a second', async () => {
    const { state, isThere, mayWrite } = foundEntry({ found: new Error('away') })
    vi.advanceTimersByTime(3_000)
    expect([await isThere(), await mayWrite()]).toEqual([true, true])
    vi.advanceTimersByTime(2_001)
    expect([await isThere(), await mayWrite(), state.asked]).toEqual([true, false, 2])
    state.found = here
    vi.advanceTimersByTime(500)
    expect([await mayWrite(), state.asked]).toEqual([false, 2])
    vi.advanceTimersByTime(501)
    expect([await mayWrite(), state.asked]).toEqual([true, 3])
  })
})
