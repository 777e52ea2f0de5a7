import { accept, defineCommand, guard } from '@shop/core/commands'
import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createServer } from '../../src/index.js'
import { type Mine, tellMine, units, userBody } from './own-commands.js'
import { mug, problems, serve } from './support.js'

describe('a route of a command', () => {
  const shop = () =>
    serve({ commands: [units], problems, context: ({ headers }) => ({ till: headers['x-till'] ?? null }) })

  test('runs it with the parameters and the body, and has the context', async () => {
    const { call } = await shop()
    const sent = { as: 'root', body: { units: 2 }, headers: { 'x-till': '7' } }
    const { status, body } = await call('POST', '/api/units/mug', sent)
    expect([status, body]).toEqual([200, { stock: 52, by: '7' }])
  })

  test('has the stages of every route', async () => {
    const { call } = await shop()
    const codeOf = async (...args: Parameters<typeof call>) => {
      const { status, body } = await call(...args)
      return [status, body.code]
    }
    const path = '/api/units/mug'
    expect(await codeOf('POST', path, { body: { units: 1 } })).toEqual([401, 'UNAUTHENTICATED'])
    expect(await codeOf('POST', path, { as: 'mina', body: { units: 1 } })).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf('POST', path, { as: 'root', body: { units: 0 } })).toEqual([400, 'INVALID_REQUEST'])
    expect(await codeOf('POST', path, { as: 'root', body: { units: 101 } })).toEqual([400, 'INVALID_REQUEST'])
    expect(await codeOf('POST', path, { as: 'root', body: { units: 30 } })).toEqual([409, 'CARD_FULL'])
    expect(await codeOf('POST', '/api/units/none', { as: 'root', body: { units: 1 } })).toEqual([
      404,
      'PRODUCT_NOT_FOUND',
    ])
    expect(await codeOf('PATCH', path, { as: 'root' })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(await codeOf('POST', `${path}/`, { as: 'root' })).toEqual([404, 'NOT_FOUND'])
    const long = { units: 1, text: 'x'.repeat(200_000) }
    expect(await codeOf('POST', path, { as: 'root', body: long })).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const xml = { 'content-type': 'text/xml' }
    expect(await codeOf('POST', path, { as: 'root', body: { units: 1 }, headers: xml })).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ])
  })

  test.each<[string, unknown]>([
    ['a result that is no JSON', accept({ count: 1n }, [])],
    ['a refusal that is no JSON', { ok: false, refusal: { code: 'CARD_FULL', stamps: 1n }, changes: [] }],
  ])('answers 500 for %s, and logs why', async (_, decision) => {
    const command = { ...tellMine, check: () => [], decide: () => decision as never }
    const commands = [{ method: 'POST', path: '/api/mine', command, access: 'public' }] as const
    const { call, log } = await serve({ commands, problems })
    const { status, body } = await call('POST', '/api/mine', { body: {} })
    expect([status, body.code]).toEqual([500, 'INTERNAL'])
    expect(log()).toContain('BigInt')
  })

  test('answers null for a command without a result', async () => {
    const command = { ...tellMine, check: () => [], decide: () => accept(undefined, []) as never }
    const commands = [{ method: 'POST', path: '/api/mine', command, access: 'public' }] as const
    const { status, text } = await (await serve({ commands })).call('POST', '/api/mine', { body: {} })
    expect([status, text]).toEqual([200, 'null'])
  })

  test('names the fields that the schema of the host refuses', async () => {
    const { call } = await shop()
    const { body } = await call('POST', '/api/units/mug', { as: 'root', body: { units: 'two', more: 1 } })
    expect(body.errors).toEqual([
      { path: 'units', message: expect.stringContaining('number') },
      { path: 'more', message: 'is not a known field' },
    ])
  })

  test('has one effect for an Idempotency-Key', async () => {
    const { call, shop: own } = await shop()
    const give = (count: number) =>
      call('POST', '/api/units/mug', { as: 'root', body: { units: count }, headers: { 'idempotency-key': 'k' } })
    const [first, again, other] = [await give(3), await give(3), await give(4)]
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true'])
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect((await own.products.get({ productId: 'mug' })).stock).toBe(53)
  })

  test('counts for the rate limit, and in the metrics by its pattern', async () => {
    const commands = [{ method: 'POST', path: '/api/mine', command: tellMine, access: 'user', body: userBody }] as const
    const { call } = await serve({ commands, rateLimit: 2 })
    const statuses = []
    for (let time = 0; time < 3; time += 1)
      statuses.push((await call('POST', '/api/mine', { as: 'mina', body: { userId: 'mina' } })).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await call('GET', '/metrics')).text).toMatch(/route="\/api\/mine"/)
  })

  test('is in the OpenAPI document with its schemas and its refusals', async () => {
    const { call } = await shop()
    const { paths, components, tags } = (await call('GET', '/openapi.json')).body
    const operation = paths['/api/units/{productId}'].post
    expect(operation).toMatchObject({
      operationId: 'giveUnits',
      tags: ['Custom'],
      security: [{ bearer: [] }],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/GiveUnitsBody' } } } },
    })
    expect(operation.responses['404'].description).toBe('PRODUCT_NOT_FOUND')
    expect(operation.responses['409'].description).toContain('CARD_FULL')
    expect(components.schemas.GiveUnitsBody).toMatchObject({
      type: 'object',
      properties: { units: { type: 'integer', description: 'How many' } },
      required: ['units'],
    })
    expect(components.schemas.GiveUnitsResult.properties.stock).toMatchObject({ type: 'integer' })
    expect(tags).toContainEqual({ name: 'Custom', description: 'Commands of this shop alone' })
    expect((await call('GET', '/docs')).status).toBe(200)
  })

  test('with a schema that refers to itself keeps its references', async () => {
    const tree: z.ZodType = z.strictObject({
      userId: z.string(),
      get children() {
        return z.array(tree).optional()
      },
    })
    const route = { method: 'POST', path: '/api/mine', command: tellMine, access: 'user', body: tree } as const
    const { call } = await serve({ commands: [route] })
    const { components } = (await call('GET', '/openapi.json')).body
    const refs = [...JSON.stringify(components.schemas.TellMineBody).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, ref]) => ref,
    )
    expect(refs.length).toBeGreaterThan(0)
    expect(refs.filter((ref) => !ref?.startsWith('#/components/schemas/TellMineBody'))).toEqual([])
  })

  test('may have handlers of the host in front of it', async () => {
    const server = await createServer({
      store: inMemoryStore(),
      scheduler: false,
      auth: 'off',
      problems,
      routes: {
        commands: [units],
        at: { 'POST /api/units/{productId}': [(_request, response) => void response.status(418).end()] },
      },
    })
    const { port } = await server.listen(0)
    const { status } = await fetch(`http://127.0.0.1:${port}/api/units/mug`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"units":1}',
    })
    expect(status).toBe(418)
    await server.close()
  })
})

describe('who may call a route of a command', () => {
  const route = (over: object) =>
    ({ method: 'POST', path: '/api/mine', command: tellMine, access: 'user', body: userBody, ...over }) as const

  test.each([
    ['the field userId of the body', route({}), '/api/mine', { userId: 'jun' }],
    ['the parameter userId', route({ path: '/api/mine/{userId}', body: undefined }), '/api/mine/jun', {}],
    ['userOf', route({ userOf: ({ userId }: Mine) => userId }), '/api/mine', { userId: 'jun' }],
  ])('the user of %s, and administrators', async (_, each, path, body) => {
    const { call } = await serve({ commands: [each] })
    const statusAs = async (as: string) => (await call('POST', path, { as, body })).status
    expect([await statusAs('mina'), await statusAs('jun'), await statusAs('root')]).toEqual([403, 200, 200])
  })

  test('the user of the path, whatever a loose body says', async () => {
    const loose = route({ path: '/api/mine/{userId}', body: z.looseObject({}) })
    const { call } = await serve({ commands: [loose] })
    const { body } = await call('POST', '/api/mine/jun', { as: 'jun', body: { userId: 'mina' } })
    expect(body).toEqual({ userId: 'jun' })
    expect((await call('POST', '/api/mine/mina', { as: 'jun', body: { userId: 'jun' } })).status).toBe(403)
  })

  test('everybody, if it is public', async () => {
    const { call } = await serve({ commands: [route({ access: 'public' })] })
    expect((await call('POST', '/api/mine', { body: { userId: 'jun' } })).body).toEqual({ userId: 'jun' })
  })

  test('guards of the command that it decides as', async () => {
    const closed = guard(tellMine, { refusals: ['CARD_FULL'], refuse: () => ({ code: 'CARD_FULL', stamps: 0 }) })
    const kept = defineCommand<Mine, Mine>({ ...tellMine, name: 'tell-kept', guardedAs: tellMine.name })
    const commands = [route({ command: kept, path: '/api/kept' })]
    const { call } = await serve({ commands, guards: [closed], problems })
    expect((await call('POST', '/api/kept', { as: 'jun', body: { userId: 'jun' } })).body.code).toBe('CARD_FULL')
    const { paths } = (await call('GET', '/openapi.json')).body
    expect(paths['/api/kept'].post.responses['409'].description).toContain('CARD_FULL')
  })
})

describe('a bug in a route of a command is 500, and a line in the log', () => {
  const boom = () => {
    throw new Error('boom of the host')
  }
  const base = { method: 'POST', path: '/api/mine', command: tellMine, access: 'user', body: userBody } as const
  test.each([
    ['decide', { ...base, command: { ...tellMine, decide: boom } }, 'boom of the host'],
    ['check', { ...base, command: { ...tellMine, check: boom } }, 'boom of the host'],
    ['keys', { ...base, command: { ...tellMine, keys: boom } }, 'boom of the host'],
    ['with', { ...base, with: boom }, 'boom of the host'],
    ['userOf', { ...base, userOf: boom }, 'boom of the host'],
    ['an asynchronous schema', { ...base, body: userBody.refine(async () => true) }, 'validates asynchronously'],
    [
      'a result that is no JSON',
      { ...base, command: { ...tellMine, decide: () => accept({ userId: 1n } as never, []) } },
      'BigInt',
    ],
  ])('(%s)', async (_, route, reason) => {
    const { call, log } = await serve({ commands: [route as never] })
    const { status, body } = await call('POST', '/api/mine', { as: 'mina', body: { userId: 'mina' } })
    expect([status, body.code]).toEqual([500, 'INTERNAL'])
    expect(log()).toContain(reason)
    expect((await call('POST', '/api/orders', { as: 'mina', body: mug('mina') })).status).toBe(201)
  })
})
