import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { createShop, type PolicyOverrides, type PresetName, resolvePolicies, type Shop, type Store } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import type { Express } from 'express'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { jwtAuthenticator } from '../../../src/auth/authentication.js'
import { createApp } from '../../../src/http/create-app.js'
import type { AnsweredRequest, HttpDeps } from '../../../src/http/http-deps.js'
import { configureHttpServer } from '../../../src/http/http-server.js'
import { type CallShop, callerOf } from './client.js'
import { secret } from './tokens.js'

/** A clock that advances only when told to. */
export class TestClock {
  #now = Date.now()

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }
}

export interface ServedShop {
  readonly call: CallShop
  readonly port: number
  readonly shop: Shop
  readonly store: Store
  readonly clock: TestClock
  readonly answered: readonly AnsweredRequest[]
  readonly log: () => string
}

export interface ServeOptions {
  readonly preset?: PresetName
  readonly policies?: PolicyOverrides
  readonly deps?: Partial<HttpDeps>
  /** Overrides of the shop and the store. */
  readonly shop?: (shop: Shop) => Shop
  readonly store?: (store: Store) => Store
  /** The application that mounts the shop. */
  readonly host?: (app: Express) => Express
}

/** Serves an in-memory shop over HTTP on a free port. Closed when the test ends. */
export const serveShop = async (options: ServeOptions = {}): Promise<ServedShop> => {
  const { preset = 'standard', policies = {}, deps = {}, host = (app: Express) => app } = options
  const clock = new TestClock()
  const store = options.store?.(inMemoryStore({ clock })) ?? inMemoryStore({ clock })
  const shop = createShop({ store, policies: resolvePolicies(preset, policies) })
  const answered: AnsweredRequest[] = []
  let log = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const app = createApp({
    shop: options.shop?.(shop) ?? shop,
    authenticator: jwtAuthenticator({ secret }),
    auth: 'jwt',
    logger: pino({ level: 'trace' }, sink),
    metrics: {
      onAnswered: (request) => answered.push(request),
      render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'shop_up 1\n' }),
    },
    readiness: { isServing: () => true, check: async () => ({ database: { status: 'up' } }) },
    trustProxy: 0,
    rateLimit: 0,
    ...deps,
  })
  const server = createServer(host(app))
  configureHttpServer(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await shop.close()
  })
  const { port } = server.address() as AddressInfo
  return { call: callerOf(port), port, shop, store, clock, answered, log: () => log }
}
