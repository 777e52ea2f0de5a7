import type { CallContext, CommandMiddleware, Outcome, RefusalCode } from '@shop/core'
import { chargeBalance, guard, placeOrder } from '@shop/core/commands'
import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, test } from 'vitest'
import { createServer } from '../../src/index.js'
import { mug, type Options, problems, serve } from './support.js'

const membersOnly = guard(placeOrder, {
  refusals: ['NOT_A_MEMBER'],
  refuse: (_facts, { userId }, { context }) =>
    context['member'] === true ? undefined : { code: 'NOT_A_MEMBER', userId },
})

const byHeader: Options['context'] = ({ headers }) => ({ member: headers['x-member'] === 'yes' })
const guarded = { guards: [membersOnly], problems, context: byHeader } as const
const member = { 'x-member': 'yes' }

describe('a guard over HTTP', () => {
  test.each(['/api/orders', '/api/orders/quote'])('is passed by %s', async (path) => {
    const { call } = await serve(guarded)
    const refused = await call('POST', path, { as: 'mina', body: mug('mina') })
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({
      type: '/docs/problems#NOT_A_MEMBER',
      title: 'Not a member',
      detail: 'Only members may order.',
      code: 'NOT_A_MEMBER',
      userId: 'mina',
    })
    expect((await call('POST', path, { as: 'mina', body: mug('mina'), headers: member })).status).toBeLessThan(300)
  })

  test('leaves nothing when it refuses, and answers in Korean', async () => {
    const { call, shop } = await serve(guarded)
    const headers = { 'accept-language': 'ko' }
    const { body } = await call('POST', '/api/orders', { as: 'mina', body: mug('mina'), headers })
    expect(body.detail).toBe('회원만 주문할 수 있습니다')
    expect((await shop.orders.list()).items).toEqual([])
    expect((await shop.products.get({ productId: 'mug' })).stock).toBe(50)
  })

  test('guards the shop of the server, too, whose calls tell no context', async () => {
    const { shop } = await serve(guarded)
    await expect(shop.orders.place(mug('mina'))).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
  })

  test('is asked once for a key: the context is a part of its request', async () => {
    const { call } = await serve(guarded)
    const place = (headers: Record<string, string>) =>
      call('POST', '/api/orders', {
        as: 'mina',
        body: mug('mina'),
        headers: { 'idempotency-key': 'k', ...headers },
      })
    const [first, again, other] = [await place(member), await place(member), await place({})]
    expect([first.status, again.status, other.body.code]).toEqual([201, 201, 'IDEMPOTENCY_KEY_REUSED'])
    expect([again.headers.get('idempotent-replayed'), again.body]).toEqual(['true', first.body])
  })

  test('may override the status of its problem', async () => {
    const { call } = await serve({ ...guarded, problemStatus: { NOT_A_MEMBER: 402 } })
    expect((await call('POST', '/api/orders', { as: 'mina', body: mug('mina') })).status).toBe(402)
  })

  test('that throws is a bug: 500, and a line in the log', async () => {
    const broken = guard(placeOrder, {
      refuse: () => {
        throw new Error('a bug in a guard')
      },
    })
    const { call, log } = await serve({ guards: [broken] })
    const { status, body } = await call('POST', '/api/orders', { as: 'mina', body: mug('mina') })
    expect([status, body.code]).toEqual([500, 'INTERNAL'])
    expect(log()).toContain('a bug in a guard')
    expect((await call('GET', '/api/products')).status).toBe(200)
  })
})

describe('the context', () => {
  const members = new Set(['mina'])
  const bySubject: Options['context'] = (_request, _caller, { userId }) => ({
    member: userId !== undefined && members.has(userId),
  })

  test.each([
    ['an administrator', undefined],
    ['a gateway', 'off' as const],
  ])('knows the user that a request of %s names', async (_, auth) => {
    const { call } = await serve({ ...guarded, context: bySubject, ...(auth && { auth, authenticate: undefined }) })
    const order = async (userId: string) =>
      (await call('POST', '/api/orders', { as: 'root', body: mug(userId) })).status
    expect([await order('mina'), await order('joon')]).toEqual([201, 403])
  })

  test('knows the path and the body, and no user where a request names none', async () => {
    const targets: unknown[] = []
    const context: Options['context'] = (_request, _caller, target) => {
      targets.push(target)
      return {}
    }
    const { call } = await serve({ context })
    await call('PATCH', '/api/orders/none', { as: 'root', body: { metadata: { a: 'b' } } })
    expect(targets).toEqual([{ userId: undefined, params: { orderId: 'none' }, body: { metadata: { a: 'b' } } }])
  })

  const commands: readonly (readonly [string, string, object?])[] = [
    ['POST', 'users', { userId: 'ann' }],
    ['POST', 'balance/charge', { userId: 'ann', amount: 100 }],
    ['POST', 'admin/balance/grant', { userId: 'ann', amount: 100 }],
    ['POST', 'admin/balance/withdraw', { userId: 'ann', amount: 10 }],
    ['POST', 'admin/balance/adjust', { userId: 'ann', change: 10, reason: 'counted' }],
    ['POST', 'admin/products', { productId: 'tea', name: 'Tea', price: 10, stock: 5 }],
    ['PATCH', 'admin/products/tea', { price: 11 }],
    ['POST', 'admin/products/tea/stock', { change: 1 }],
    [
      'POST',
      'admin/coupons',
      {
        couponId: 'c',
        name: 'C',
        discount: { kind: 'fixed', amount: 1 },
        quantity: 1,
        validUntil: '2100-01-01T00:00:00Z',
      },
    ],
    ['PATCH', 'admin/coupons/c', { quantity: 2 }],
    ['POST', 'coupon/issue', { userId: 'ann', couponId: 'c' }],
    ['POST', 'coupons/c/issue', { userId: 'ann' }],
    ['POST', 'orders', { userId: 'ann', products: [{ productId: 'tea', quantity: 1 }] }],
    ['PATCH', 'orders/none', { metadata: { a: 'b' } }],
    ['POST', 'orders/none/cancel'],
    ['POST', 'orders/none/refund'],
    ['POST', 'payments', { userId: 'ann', orderId: 'none' }],
    ['POST', 'admin/products/top/refresh'],
    ['POST', 'admin/outbox/none/redeliver'],
    ['POST', 'admin/history/losses/none/acknowledge'],
  ]

  test('goes with every command that a request runs, and the document knows which', async () => {
    const seen: [string, CallContext | undefined][] = []
    const watch: CommandMiddleware = (call, next) => {
      seen.push([call.command.name, call.context])
      return next(call)
    }
    const asked: string[] = []
    const { call } = await serve({
      middleware: [watch],
      context: ({ method, path }, { userId }) => {
        asked.push(`${method} ${path}`)
        return { userId }
      },
    })
    seen.length = 0
    for (const [method, path, body = {}] of commands) {
      const { body: answer } = await call(method, `/api/${path}`, { as: 'root', body })
      expect([path, answer.code]).not.toEqual([path, 'INTERNAL'])
    }
    expect(seen.map(([, context]) => context)).toEqual(commands.map(() => ({ userId: 'root' })))
    await call('POST', '/api/orders/quote', { as: 'root', body: mug('ann') })
    const writes = Object.entries((await call('GET', '/openapi.json')).body.paths as object).flatMap(
      ([path, methods]) =>
        Object.keys(methods).flatMap((method) => (method === 'get' ? [] : [`${method.toUpperCase()} ${path}`])),
    )
    expect(new Set(asked).size).toBe(writes.length)
    await call('GET', '/api/products')
    expect(asked).toHaveLength(commands.length + 1)
  })

  test.each<[string, unknown, string]>([
    ['no object', undefined, 'must be an object of plain JSON'],
    ['a date', { at: new Date(0) }, 'must be an object of plain JSON'],
    ['huge', { text: 'x'.repeat(1_000_000) }, 'must have at most 4,096 characters as JSON'],
  ])('that is %s is a bug of the host: 500, and a line in the log', async (_, context, reason) => {
    const { call, log, shop } = await serve({ context: () => context as CallContext })
    const { status, body } = await call('POST', '/api/orders', { as: 'mina', body: mug('mina') })
    expect([status, body.code]).toEqual([500, 'INTERNAL'])
    expect(log()).toContain(`what context(request) returns ${reason}`)
    expect((await shop.orders.list()).items).toEqual([])
  })

  test('that cannot be found out is a bug, too', async () => {
    const { call, log } = await serve({ context: () => Promise.reject(new Error('membership is away')) })
    expect((await call('POST', '/api/orders', { as: 'mina', body: mug('mina') })).status).toBe(500)
    expect(log()).toContain('membership is away')
  })

  test('is not asked for by a request that was refused before', async () => {
    let asked = 0
    const { call } = await serve({ context: () => ({ asked: ++asked }) })
    await call('POST', '/api/orders', { body: mug('mina') })
    await call('POST', '/api/orders', { as: 'jun', body: mug('mina') })
    await call('POST', '/api/orders', { as: 'mina', body: {} })
    expect(asked).toBe(0)
  })
})

describe('a custom refusal', () => {
  const refusing = (code: string, facts: object = {}) =>
    guard(chargeBalance, { refuse: () => ({ code, ...facts }) as never })
  const charge = { as: 'mina', body: { userId: 'mina', amount: 5 } }

  test('without a problem is a bug: 500, and the log says what to add', async () => {
    const { call, log } = await serve({ guards: [refusing('UNHEARD_OF')] })
    const { status, body } = await call('POST', '/api/balance/charge', charge)
    expect([status, body.code]).toEqual([500, 'INTERNAL'])
    expect(log()).toContain('UNHEARD_OF is a refusal without a problem')
    expect(log()).toContain('problems: { UNHEARD_OF:')
  })

  test.each(['constructor', '__proto__', 'toString'])('is not the %s of an object', async (code) => {
    const { call } = await serve({ guards: [refusing(code)] })
    expect((await call('POST', '/api/balance/charge', charge)).body.code).toBe('INTERNAL')
  })

  test('cannot replace a member of the document by a fact', async () => {
    const facts = { stamps: 3, status: 'gold', type: 'x', title: 'y', detail: 'z', instance: 'i', requestId: 'r' }
    const { call } = await serve({ guards: [refusing('CARD_FULL', facts)], problems })
    const { status, headers, body } = await call('POST', '/api/balance/charge', charge)
    expect(status).toBe(409)
    expect(body).toMatchObject({ status: 409, title: 'Card full', detail: 'The card is full.', stamps: 3 })
    expect(body.requestId).toBe(headers.get('x-request-id'))
  })

  test('is in the OpenAPI document, at the routes that can answer it, and on the page of problems', async () => {
    const html = { ...problems.NOT_A_MEMBER, title: '<b>T</b>', detail: { en: '<script>alert(1)</script>', ko: '"&"' } }
    const { call } = await serve({ ...guarded, problems: { ...problems, NOT_A_MEMBER: html } })
    const { paths, components } = (await call('GET', '/openapi.json')).body
    const listed = Object.entries(paths as object).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, { responses: Record<string, { description: string }> }>).flatMap(
        ([method, { responses }]) =>
          /NOT_A_MEMBER/.test(responses['403']?.description ?? '') ? [`${method} ${path}`] : [],
      ),
    )
    expect(listed).toEqual(['post /api/orders', 'post /api/orders/quote'])
    expect(components.schemas.Problem.properties.code.enum).toContain('NOT_A_MEMBER')
    expect(components.examples.NOT_A_MEMBER.value).toMatchObject({ status: 403, detail: html.detail.en })
    const { text } = await call('GET', '/docs/problems')
    expect(text).toContain('id="NOT_A_MEMBER"')
    expect(text).toContain('&#60;script&#62;alert(1)&#60;/script&#62;')
    expect(text).not.toMatch(/<script>alert|<b>T/)
  })
})

describe('the server does not start', () => {
  const problem = problems.NOT_A_MEMBER
  test.each<[string, object, string]>([
    [
      'without a declared problem',
      { guards: [membersOnly] },
      'problems.NOT_A_MEMBER is missing: a guard of place-order',
    ],
    ['with a problem of the shop', { problems: { NOT_FOUND: problem } }, 'problems.NOT_FOUND is a code of the shop'],
    ['with a code in small letters', { problems: { no: problem } }, 'problems.no is not a code'],
    ['with a status of success', { problems: { A: { ...problem, status: 200 } } }, 'problems.A.status must be'],
    ['with a status as text', { problems: { A: { ...problem, status: '400' } } }, 'problems.A.status must be'],
    ['without a title', { problems: { A: { ...problem, title: ' ' } } }, 'problems.A.title must be a non-empty string'],
    [
      'without Korean',
      { problems: { A: { ...problem, detail: { en: 'a' } } } },
      'problems.A.detail must be { en, ko }',
    ],
    ['with a typing error', { problems: { A: { ...problem, text: 'a' } } }, 'problems.A.text is not one of'],
    ['with a problem that is text', { problems: { A: 'no' } }, 'problems.A must be { status, title, detail'],
    ['with problems as a list', { problems: [] }, 'problems must be an object with codes'],
    ['with a guard that is a function', { guards: [() => undefined] }, 'guards must be a list of guards'],
    ['with a context that is no function', { context: {} }, 'context must be a function'],
  ])('%s', async (_, options, message) => {
    await expect(createServer({ store: inMemoryStore(), auth: 'off', ...options } as never)).rejects.toThrow(
      `createServer: ${message}`,
    )
  })
})

test('the types of refusals know the codes of the host', () => {
  const code: RefusalCode = 'NOT_A_MEMBER'
  const outcome: Outcome<never> = { ok: false, refusal: { code, userId: 'mina' }, replayed: false }
  expect(outcome.ok).toBe(false)
})
