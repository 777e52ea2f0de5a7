import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { type ApiCaller, administratorOf, secret, tokenOf } from '../support/tokens.js'

let bundle: Bundle
let folder: string
let database: FreshDatabase
let server: ServerProcess
let url: string
let call: ApiCaller

beforeAll(async () => {
  const host = fileURLToPath(new URL('./support/host-with-rules.ts', import.meta.url))
  ;[bundle, folder, database] = await Promise.all([
    bundleServer(host),
    mkdtemp(join(tmpdir(), 'shop-rules-')),
    freshDatabase(),
  ])
  await database.knex.raw('create table notes (order_id text primary key, user_id text not null)')
  server = startProcess(bundle.main, folder, { DATABASE_URL: database.url, SHOP_JWT_SECRET: secret })
  url = await server.url
  call = await administratorOf(url)
  await call('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 10, stock: 100 })
}, 60_000)

afterAll(async () => {
  server.child.kill('SIGTERM')
  expect(await server.ended).toEqual({ code: 0, signal: null })
  await Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true }), database.drop()])
})

const order = (userId: string, more: object = {}) => ({
  userId,
  products: [{ productId: 'mug', quantity: 1 }],
  ...more,
})

/** On a connection of its own, so that either worker may get it. */
const place = async (
  userId: string,
  { body = order(userId), headers = {} }: { body?: object; headers?: object } = {},
) => {
  const response = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf(userId)}`,
      'content-type': 'application/json',
      connection: 'close',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  // biome-ignore lint/suspicious/noExplicitAny: problems have facts of every shape
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

interface Line {
  readonly requestId?: string
  readonly worker?: number
  readonly code?: string
  readonly msg: string
  readonly err?: { readonly message: string; readonly stack: string }
}

const lineOf = (requestId: string): Line | undefined =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => JSON.parse(line))
    .find((line) => line.requestId === requestId && line.err)

test('a guard of the engine refuses with its code, its status, its facts and its texts', async () => {
  const refused = await place('guest')
  expect(refused).toMatchObject({
    status: 403,
    body: { code: 'NOT_A_MEMBER', title: 'Not a member', detail: 'Only members may order.', userId: 'guest' },
  })
  const korean = await place('guest', { headers: { 'accept-language': 'ko' } })
  expect(korean.body.detail).toBe('회원만 주문할 수 있습니다')
  const member = await place('guest', { body: order('guest', { metadata: { member: 'yes' } }) })
  expect(member.status).toBe(201)
  expect(await (await fetch(`${url}/openapi.json`)).text()).toContain('NOT_A_MEMBER')
})

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly orderId?: string }
}

/** Places orders on one connection, which stays with one worker. */
const connection = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return async (userId: string, headers: Record<string, string>): Promise<Answer> => {
    const authorization = `Bearer ${await tokenOf(userId)}`
    const options = {
      agent,
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...headers },
    }
    return new Promise((resolve, reject) => {
      const asked = request(`${url}/api/orders`, options, async (response) => {
        const body = (await json(response)) as Answer['body']
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
      asked.on('error', reject).end(JSON.stringify(order(userId)))
    })
  }
}

test('a replay over another worker asks no guard and writes no second row', async () => {
  const placeBy = new Map<number, ReturnType<typeof connection>>()
  // The system chooses the worker of a connection; the log of a failure names it.
  for (let n = 0; placeBy.size < 2; n += 1) {
    const [placeHere, requestId] = [connection(), `worker-of-${n}`]
    await placeHere('bug', { 'x-request-id': requestId })
    await expect.poll(() => lineOf(requestId)?.worker).toBeGreaterThan(0)
    placeBy.set(lineOf(requestId)?.worker ?? 0, placeHere)
  }
  const key = { 'idempotency-key': 'order-1' }
  const answers = []
  for (const placeHere of placeBy.values()) answers.push(await placeHere('kim', key))
  expect(answers.map(({ status, headers }) => [status, headers['idempotent-replayed']])).toEqual([
    [201, undefined],
    [201, 'true'],
  ])
  expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(1)
  expect(await database.knex('notes').where({ user_id: 'kim' })).toHaveLength(1)
})

test('a row that the database does not accept refuses its own order only', async () => {
  const body = { userId: 'lee', products: [{ productId: 'mug', quantity: 13 }] }
  const [bad, good] = await Promise.all([place('lee', { body }), place('lee')])
  expect([bad.body.code, good.status]).toEqual(['COMPANION_FAILED', 201])
  expect(await database.knex('notes').where({ user_id: 'lee' })).toHaveLength(1)
})

test.each([
  ['bug', 'a bug in a guard'],
  ['undeclared', 'CARD_FULL is a refusal without a problem; declare it'],
])('what is wrong with a guard (%s) is 500 with a line in the log, and the processes live', async (userId, message) => {
  const requestId = `of-${userId}`
  const { status, headers, body } = await place(userId, { headers: { 'x-request-id': requestId } })
  expect([status, body.code, body.requestId, headers.get('x-request-id')]).toEqual([
    500,
    'INTERNAL',
    requestId,
    requestId,
  ])
  expect(JSON.stringify(body)).not.toContain(message)
  await expect.poll(() => lineOf(requestId)?.err?.message).toContain(message)
  expect(lineOf(requestId)?.worker).toBeGreaterThan(0)
  if (userId === 'bug') expect(lineOf(requestId)?.err?.stack).toContain('refuse')
  expect((await place('kim')).status).toBe(201)
  expect(server.stdout()).not.toContain('a worker has ended')
})
