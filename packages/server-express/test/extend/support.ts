import { Writable } from 'node:stream'
import { inMemoryStore } from '@shop/core/in-memory'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type CommandRoute, createServer, type StoreOptions } from '../../src/index.js'

declare module '@shop/core' {
  interface CustomRefusals {
    NOT_A_MEMBER: { userId: string }
    CARD_FULL: { stamps: number }
  }
}

export const problems = {
  NOT_A_MEMBER: {
    status: 403,
    title: 'Not a member',
    detail: { en: 'Only members may order.', ko: '회원만 주문할 수 있습니다' },
  },
  CARD_FULL: {
    status: 409,
    title: 'Card full',
    detail: { en: 'The card is full.', ko: '스탬프 카드가 가득 찼습니다' },
  },
} as const

interface Sent {
  readonly as?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

export type Options = Omit<StoreOptions<never>, 'store' | 'routes'> & {
  readonly store?: StoreOptions<never>['store']
  readonly commands?: readonly CommandRoute[]
}

/** A server whose callers name themselves in a header; `root` is an administrator. Its product is the mug. */
export const serve = async ({ store = inMemoryStore(), commands, ...options }: Options = {}) => {
  let log = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const server = await createServer({
    store,
    scheduler: false,
    authenticate: ({ headers }) => {
      const userId = headers['x-user']
      return typeof userId === 'string' ? { userId, roles: userId === 'root' ? ['admin'] : [] } : undefined
    },
    logger: pino({ level: 'info' }, sink),
    ...options,
    ...(commands && { routes: { commands } }),
  })
  onTestFinished(() => server.close())
  const { port } = await server.listen(0)
  const call = async (method: string, path: string, { as, headers, body }: Sent = {}): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(as !== undefined && { 'x-user': as }),
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
  await server.shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 50 })
  return { call, port, shop: server.shop, store, log: () => log }
}

/** An order of one mug. */
export const mug = (userId: string) => ({ userId, products: [{ productId: 'mug', quantity: 1 }] })
