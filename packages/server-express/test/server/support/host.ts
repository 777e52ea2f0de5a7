import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inMemoryStore } from '@shop/core/in-memory'
import express, { type Express } from 'express'
import { onTestFinished } from 'vitest'
import { createServer } from '../../../src/index.js'
import type { StoreOptions } from '../../../src/options.js'
import type { ShopServer } from '../../../src/server/create-server.js'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

const serve = async (app: Express) => {
  const server = createHttpServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
}

export type Options = Omit<StoreOptions<never>, 'store'>

/** A shop with sessions of the host, mounted by `mount`. */
export const host = async (
  options: Options,
  mount: (app: Express, shop: ShopServer<never>) => void = (app, shop) => app.use('/shop', shop.router),
) => {
  const shop = await createServer({ store: inMemoryStore(), scheduler: false, ...options })
  onTestFinished(() => shop.close())
  const app = express()
  mount(app, shop)
  return { call: await serve(app), shop: shop.shop }
}
