import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createShop, type Store } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { jwtAuthenticator } from '../../src/auth/authentication.js'
import { createApp } from '../../src/http/create-app.js'
import { nameInRequest } from '../../src/http/tenant-naming.js'
import type { Tenants } from '../../src/http/tenants.js'
import { FairTurns } from '../../src/tenants/fair-turns.js'
import { ShopRegistry } from '../../src/tenants/shop-registry.js'
import { secret, tokenFor } from '../http/support/tokens.js'
import { openedOver } from './memory-shop.js'
import { domain } from './support.js'

const logger = pino({ level: 'silent' })

/** Open shops over stores in memory, which outlive them. At most two are open, so that they close and open all the time. */
const registryOf = (stores: ReadonlyMap<string, Store>): ShopRegistry =>
  new ShopRegistry({
    locate: async (shopId) => (stores.has(shopId) ? { database: 'memory', schema: shopId } : undefined),
    async open({ shopId }) {
      return openedOver(createShop({ store: stores.get(shopId) as Store }))
    },
    idleMs: 1_000,
    maxOpen: 2,
    logger,
  })

/** The shops of a registry, as a server has them. */
const tenantsOf = (registry: ShopRegistry): Tenants => {
  const turns = new FairTurns({ maxRunning: 8, maxRunningPerShop: 2 })
  return {
    areNamedByToken: false,
    nameIn: nameInRequest({ from: 'host', domain }),
    async visit(shopId) {
      const entry = await registry.enter(shopId)
      return {
        shopId,
        parts: entry.open.parts,
        inTurn: (work) => turns.run(shopId, 'memory', work),
        leave: () => entry.leave(),
      }
    },
  }
}

/** A random number from 0 to 1, the same for the same seed. (mulberry32) */
const randomOf = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const shopIds = ['books', 'music', 'films', 'games']
const callers = 6
const callsEach = 15

/**
 * The law TENANTS-APART: every answer of a shop, and every effect of its calls, is its own. Plays calls of several shops at
 * once, which have the same users, products, references and keys. Resolves with what breaks the law.
 */
export const tenantsApart = async (seed: number, change: (tenants: Tenants) => Tenants): Promise<readonly string[]> => {
  const stores = new Map(shopIds.map((shopId) => [shopId, inMemoryStore() as Store]))
  for (const [shopId, store] of stores) {
    const shop = createShop({ store })
    await shop.users.register({ userId: 'mina' })
    await shop.products.create({ productId: 'mug', name: `a mug of ${shopId}`, price: 1, stock: 10 })
  }
  const app = createApp({
    shop: undefined as never,
    tenants: change(tenantsOf(registryOf(stores))),
    authenticator: jwtAuthenticator({ secret, shopClaim: 'shop' }),
    auth: 'jwt',
    logger,
    metrics: { onAnswered: () => {}, render: async () => ({ contentType: 'text/plain', text: '' }) },
    readiness: { isServing: () => true, check: async () => ({}) },
    trustProxy: 1,
    rateLimit: 0,
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const random = randomOf(seed)
  const charged = new Map(shopIds.map((shopId) => [shopId, 0]))
  const broken: string[] = []

  const call = async (shopId: string, index: number): Promise<void> => {
    const headers = {
      'x-forwarded-host': `${shopId}.${domain}`,
      authorization: `Bearer ${tokenFor('mina', '', { claims: { shop: shopId } })}`,
      'content-type': 'application/json',
      'idempotency-key': `key-${index}`,
    }
    if (random() < 0.5) {
      // A public route, without a token that would tell the shop.
      const response = await fetch(`${url}/api/products/mug`, { headers: { ...headers, authorization: '' } })
      const { name } = (await response.json()) as { name?: string }
      if (response.ok && name !== `a mug of ${shopId}`) broken.push(`${shopId} answered ${name}`)
      return
    }
    const body = JSON.stringify({ userId: 'mina', amount: 100, reference: `ref-${index}` })
    const response = await fetch(`${url}/api/balance/charge`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    if (response.ok) charged.set(shopId, (charged.get(shopId) ?? 0) + 100)
    else if (response.status !== 503) broken.push(`${shopId} answered ${response.status}`)
  }

  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let done = 0; done < callsEach; done += 1) {
        const shopId = shopIds[Math.floor(random() * shopIds.length)] as string
        await call(shopId, caller * callsEach + done)
      }
    }),
  )
  for (const [shopId, store] of stores) {
    const { balance } = await createShop({ store }).balance.get({ userId: 'mina' })
    if (balance !== charged.get(shopId)) broken.push(`${shopId} has ${balance}, but charged ${charged.get(shopId)}`)
  }
  return broken
}
