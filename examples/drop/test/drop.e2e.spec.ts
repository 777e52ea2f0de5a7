import { get } from 'node:http'
import { knexStore } from '@shop/adapter-knex'
import { createShop, type Shop } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import type { Nginx } from '@shop/test-support/nginx'
import type { Moment } from '@shop/test-support/wire-proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, Buyer } from './buyer.js'
import { buildHost, type Host, hostOn, nginxBefore } from './hosts.js'

const env = { OPENS_AT: new Date(Date.now() - 1_000).toISOString(), HOLD_MINUTES: '10' }

let database: FreshDatabase
let built: Awaited<ReturnType<typeof buildHost>>
let hosts: readonly Host[] = []
let nginx: Nginx
let shop: Shop<never>

beforeAll(async () => {
  ;[database, built] = await Promise.all([freshDatabase(), buildHost()])
  const host = () => hostOn(built.program, { databaseUrl: database.url, env })
  hosts = await Promise.all([host(), host()])
  await Promise.all(hosts.map((each) => each.start()))
  nginx = await nginxBefore(hosts)
  shop = createShop({ store: knexStore(database.knex) }) as Shop<never>
}, 60_000)

afterAll(async () => {
  await nginx?.stop()
  await Promise.all(hosts.map((host) => host.stop()))
  await built?.remove()
  await database?.drop()
})

const left = async (): Promise<number> => (await shop.products.get({ productId: 'print' })).stock

const refill = async (): Promise<void> => {
  const missing = 50 - (await left())
  if (missing !== 0) await shop.products.changeStock({ productId: 'print', change: missing })
}

/** Kills the host that executes the statement with this number, counted over both hosts, at this moment. */
const crashAt = (number: number, moment: Moment) => {
  let seen = 0
  const crash: { host: Host | undefined; done: Promise<void> | undefined } = { host: undefined, done: undefined }
  for (const host of hosts) {
    host.wire.watch = (passage) => {
      if (crash.host || passage.moment !== moment) return undefined
      seen += 1
      if (seen < number) return undefined
      crash.host = host
      crash.done = host.crash()
      return crash.done
    }
  }
  return crash
}

const calm = (): void => {
  for (const { wire } of hosts) wire.watch = () => undefined
}

interface Step {
  readonly name: string
  /** Before the crash. */
  readonly before: (buyer: Buyer) => Promise<Answer | undefined>
  /** A host crashes while it does this. */
  readonly run: (buyer: Buyer, before: Answer | undefined) => Promise<Answer>
  readonly status: number
  /** Copies that the buyer has or holds afterwards. */
  readonly copies: number
}

const orderAs = async (buyer: Buyer): Promise<Answer> => {
  await buyer.signIn()
  return buyer.order()
}

const steps: readonly Step[] = [
  { name: 'sign in', before: async () => undefined, run: (buyer) => buyer.signIn(), status: 200, copies: 0 },
  {
    name: 'order',
    before: (buyer) => buyer.signIn(),
    run: (buyer) => buyer.order(),
    status: 201,
    copies: 1,
  },
  { name: 'pay', before: orderAs, run: (buyer, order) => buyer.pay(order?.body['orderId']), status: 200, copies: 1 },
  {
    name: 'cancel',
    before: orderAs,
    run: (buyer, order) => buyer.cancel(order?.body['orderId']),
    status: 200,
    copies: 0,
  },
]

/** What reaches the host first is lost; then each statement takes effect, and its reply is lost. */
const crashes = async function* (): AsyncGenerator<readonly [Moment, number], void, boolean> {
  yield ['before forward', 1]
  for (let number = 1, hasCrashed = true; hasCrashed; number += 1) hasCrashed = yield ['before the reply', number]
}

/**
 * Sets a crash, and does the step. Resolves with whether a host has crashed, and how often the buyer had no answer. A host
 * may also crash at a statement of its jobs, which no buyer notices.
 */
const crashed = async ({ name, before, run, status, copies }: Step, moment: Moment, number: number) => {
  const stock = await left()
  const buyer = new Buyer(nginx.url, [name, moment, number].join('-').replaceAll(' ', '-'))
  const first = await before(buyer)
  const crash = crashAt(number, moment)
  try {
    const answer = await run(buyer, first)
    calm()
    expect(answer.status).toBe(status)
    const again = await buyer.order()
    expect([again.status, again.body['code']]).toEqual(
      copies === 1 ? [409, 'PURCHASE_LIMIT_EXCEEDED'] : [201, undefined],
    )
    expect(await left()).toBe(stock - 1)
  } finally {
    calm()
    await crash.done
    await crash.host?.start()
  }
  await refill()
  return { hasCrashed: crash.host !== undefined, repeats: buyer.repeats }
}

test.each(steps)(
  'a crash at any statement of "$name" is answered by the other host, once',
  {
    timeout: 120_000,
  },
  async (step) => {
    const plan = crashes()
    let repeats = 0
    for (let next = await plan.next(); !next.done; ) {
      const outcome = await crashed(step, ...next.value)
      repeats += outcome.repeats
      next = await plan.next(outcome.hasCrashed)
    }
    expect(repeats).toBeGreaterThan(1)
    expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
  },
)

/** The first states of the live stream, read through nginx. */
const watch = (until: (stock: number) => boolean): Promise<readonly number[]> =>
  new Promise((resolve, reject) => {
    const seen: number[] = []
    const request = get(`${nginx.url}/api/products/print/live`, { agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        for (const [, stock] of text.matchAll(/"stock":(\d+)/g)) seen.push(Number(stock))
        if (!seen.some(until)) return
        request.destroy()
        resolve(seen)
      })
    })
    request.on('error', reject)
  })

test('of 200 people who press twice at once, exactly fifty get one copy, and everybody sees the last one go', {
  timeout: 60_000,
}, async () => {
  await refill()
  const people = Array.from({ length: 200 }, (_, number) => new Buyer(nginx.url, `rush-${number}`))
  await Promise.all(people.map((buyer) => buyer.signIn()))
  const watched = watch((stock) => stock === 0)
  const answers = await Promise.all(people.map((buyer) => Promise.all([buyer.order(), buyer.order()])))
  const codes = answers.map((both) => both.map(({ status, body }) => (status === 201 ? 'bought' : body['code'])))
  const bought = codes.filter((both) => both.includes('bought'))
  expect(bought).toHaveLength(50)
  for (const both of bought)
    expect(both.filter((code) => code === 'bought' || code === 'PURCHASE_LIMIT_EXCEEDED')).toHaveLength(2)
  for (const both of codes.filter((each) => !each.includes('bought')))
    expect(both).toEqual(['STOCK_INSUFFICIENT', 'STOCK_INSUFFICIENT'])
  expect((await watched).at(-1)).toBe(0)
  expect(await left()).toBe(0)
  expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
})

test('before it opens, nobody can buy, and the answer says when to try again', async () => {
  await shop.products.update({ productId: 'print', opensAt: new Date(Date.now() + 3_600_000) })
  const buyer = new Buyer(nginx.url, 'early')
  await buyer.signIn()
  const early = await buyer.order()
  expect([early.status, early.body['code']]).toEqual([409, 'PRODUCT_NOT_ON_SALE'])
})
