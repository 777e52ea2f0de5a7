import { isStoreError } from '@shop/core/store'
import { startProxy } from '@shop/test-support/redis'
import { expect, test } from 'vitest'
import { instead, tamperWith } from '../support/tamper.js'
import { addProduct, replay, standbyForTests, storeWith } from './support.js'

const { pair, connect } = standbyForTests()

const open = (
  options: Parameters<typeof storeWith>[2] & { readonly url?: string; readonly prepared?: boolean } = {},
) => {
  const { url = pair().standbyUrl, prepared = true, ...more } = options
  const replica = connect(url, { prepared })
  return { replica, ...storeWith(connect(pair().primaryUrl), [replica], { prepared, ...more }) }
}

test.each([{ prepared: true }, { prepared: false }])(
  'a replica is used, also while nothing is written for longer than the largest lag (prepared $prepared)',
  async ({ prepared }) => {
    const maxLagMs = 800
    const { list, inUse, reads, states } = open({ prepared, maxLagMs })
    await inUse()
    for (const until = performance.now() + 1.5 * maxLagMs; performance.now() < until; ) await list()
    const before = reads.replica
    await inUse()
    await expect.poll(async () => (await list()) && reads.replica).toBeGreaterThan(before)
    expect(states.get(0)?.lagMs).toBeLessThanOrEqual(maxLagMs)
  },
)

test.each([
  { name: 'replay that stops', stop: () => replay(pair(), false), go: () => replay(pair(), true) },
  { name: 'a receiver that is cut off', stop: async () => pair().freeze(), go: async () => pair().thaw() },
])('with $name, no list is older than the largest lag, and the replica comes back', async ({ stop, go }) => {
  const maxLagMs = 1_500
  const { store, list, inUse, reasons, reads } = open({ maxLagMs })
  await inUse()
  await stop()
  const productId = await addProduct(store)
  const acknowledged = performance.now()
  let oldLists = 0
  for (;;) {
    const began = performance.now()
    if ((await list()).includes(productId)) break
    oldLists += 1
    expect(began - acknowledged).toBeLessThan(maxLagMs)
  }
  // Not vacuous: the replica did answer without the product.
  expect(oldLists).toBeGreaterThan(0)
  expect(reasons.at(-1)).toBe(`more than ${maxLagMs} ms behind`)
  const before = reads.replica
  for (let time = 0; time < 20; time += 1) expect(await list()).toContain(productId)
  expect(reads.replica).toBe(before)
  await go()
  await inUse()
  expect(await list()).toContain(productId)
})

test('replicas take turns, and the others take the turns of one that is left out', async () => {
  const proxy = await startProxy(pair().standbyUrl)
  const [one, other] = [connect(pair().standbyUrl), connect(proxy.url)]
  const asked = [0, 0]
  for (const [index, pool] of [one, other].entries()) {
    tamperWith(pool, (query, send) => {
      if (query.text.includes('counted')) asked[index] = (asked[index] ?? 0) + 1
      return send(query)
    })
  }
  const { list, inUse, states, reads } = storeWith(connect(pair().primaryUrl), [one, other])
  await inUse(0)
  await inUse(1)
  asked.fill(0)
  for (let time = 0; time < 20; time += 1) await list()
  expect(Math.min(...asked)).toBeGreaterThanOrEqual(8)
  await proxy.stop()
  await expect.poll(async () => (await list()) && states.get(1)?.isUsed).toBe(false)
  const before = { ...reads }
  for (let time = 0; time < 20; time += 1) await list()
  expect(reads).toEqual({ replica: before.replica + 20, primary: before.primary })
})

test('with a replica that does not answer, the primary does', async () => {
  const proxy = await startProxy(pair().standbyUrl)
  const { list, inUse, leftOut, reads } = open({ url: proxy.url, maxLagMs: 1_000 })
  await inUse()
  proxy.blackHole()
  await list()
  await leftOut()
  const before = reads.replica
  for (let time = 0; time < 5; time += 1) await list()
  expect(reads.replica).toBe(before)
  proxy.heal()
  await inUse()
  await proxy.stop()
})

test.each([
  { name: 'the primary itself', url: () => pair().primaryUrl, reason: 'not in recovery' },
  {
    name: 'another database of the cluster',
    url: () => pair().standbyUrl.replace(/\/[^/]*$/, '/template1'),
    reason: 'replays another log than the one of the primary',
  },
])('$name is never used', async ({ url, reason }) => {
  const { list, reads, reasons } = open({ url: url() })
  await expect.poll(async () => (await list()) && reasons.at(-1)).toBe(reason)
  expect(reads.replica).toBe(0)
})

test('a role without privileges beyond the shop suffices', async () => {
  await pair().primary.raw(`create role plain login password 'plain';
    grant usage on schema shop to plain; grant select on all tables in schema shop to plain`)
  const asPlain = (url: string): string => Object.assign(new URL(url), { username: 'plain', password: 'plain' }).href
  const { primaryUrl, standbyUrl } = pair()
  await expect.poll(async () => (await pair().standby('pg_roles').where('rolname', 'plain')).length).toBe(1)
  const { list, inUse, reads } = storeWith(connect(asPlain(primaryUrl)), [connect(asPlain(standbyUrl))])
  await inUse()
  const before = reads.replica
  await list()
  expect(reads.replica).toBe(before + 1)
})

test('a replica on another timeline is left out until the primary is on it, too', async () => {
  let timeline = '1'
  const { replica, list, inUse, leftOut, reasons } = open()
  tamperWith(replica, (query, send) =>
    send(
      query.text.includes('min_recovery')
        ? instead(query, query.text.replace('greatest(', `greatest(${timeline},`))
        : query,
    ),
  )
  await inUse()
  timeline = '2'
  await leftOut()
  expect(reasons.at(-1)).toContain('another log')
  timeline = '1'
  await inUse()
  await list()
})

test.each([
  { name: 'recovery conflict', code: '40001' },
  { name: 'cancelled query', code: '57014' },
  { name: 'lost table', code: '42P01' },
])('a list that fails on a replica (a $name) is answered by the primary', async ({ code }) => {
  const { replica, store, list, inUse, states, reads } = open()
  await inUse()
  const productId = await addProduct(store)
  let isBroken = true
  tamperWith(replica, (query, send) =>
    isBroken && query.text.includes('counted')
      ? Promise.reject(Object.assign(new Error('injected'), { code, severity: 'ERROR' }))
      : send(query),
  )
  await expect
    .poll(async () => {
      await list()
      return states.get(0)?.reason
    })
    .toContain('injected')
  expect(await list()).toContain(productId)
  isBroken = false
  await inUse()
  const before = reads.replica
  await list()
  expect(reads.replica).toBe(before + 1)
})

test('without a primary to ask, replicas take no reads', async () => {
  const proxy = await startProxy(pair().primaryUrl)
  const { store, list, inUse, reads } = storeWith(connect(proxy.url), [connect(pair().standbyUrl)], { maxLagMs: 1_000 })
  await inUse()
  const cutAt = performance.now()
  await proxy.stop()
  for (;;) {
    const began = performance.now()
    const ended = await list().then(
      () => 'listed',
      (error) => isStoreError(error) && error.kind,
    )
    if (ended === 'unavailable') break
    expect(ended).toBe('listed')
    expect(began - cutAt).toBeLessThan(1_000)
  }
  const before = reads.replica
  await expect(store.reads.drops({ limit: 1 })).rejects.toMatchObject({ kind: 'unavailable' })
  expect(reads.replica).toBe(before)
})

test('lists that wait for a connection of a replica in use are not moved to the primary', async () => {
  const replica = connect(pair().standbyUrl, { max: 2 })
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const { list, inUse, reads, store } = storeWith(connect(pair().primaryUrl), [replica], { maxLagMs: 5_000 })
  await inUse()
  tamperWith(replica, async (query, send) => {
    if (query.text.includes('counted')) await held
    return send(query)
  })
  const before = reads.primary
  const first = list()
  await expect(list()).rejects.toMatchObject({ kind: 'unavailable' })
  letGo()
  await first
  expect(reads.primary).toBe(before)
  await store.reads.drops({ limit: 1 })
  expect(reads.primary).toBe(before)
})
