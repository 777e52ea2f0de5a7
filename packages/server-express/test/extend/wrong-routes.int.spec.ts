import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createServer } from '../../src/index.js'
import { tellMine, units, userBody } from './own-commands.js'

describe('the server does not start', () => {
  const base = { method: 'POST', path: '/api/mine', command: tellMine, access: 'user', body: userBody }
  const other = { ...base, path: '/api/other' }
  test.each<[string, object | readonly object[], string]>([
    ['no list', 'x' as never, ' must be a list'],
    ['no object', [null] as never, '[0] must be an object'],
    ['a typing error', { ...base, acess: 'user' }, '[0].acess is not one of'],
    ['GET', { ...base, method: 'GET' }, '[0].method must be POST or PATCH'],
    ['no command', { ...base, command: {} }, '[0].command must be a command, made by defineCommand()'],
    ['no access', { ...base, access: undefined }, '[0].access must be public or user or administrator'],
    ['a status of refusals', { ...base, status: 404 }, '[0].status must be 200 or 201 or 202'],
    ['a path elsewhere', { ...base, path: '/mine' }, '[0].path must begin with /api/'],
    ['a pattern', { ...base, path: '/api/(.*)' }, '[0].path must begin with /api/'],
    ['an optional part', { ...base, path: '/api/mine{/:more}' }, '[0].path must begin with /api/'],
    ['a slash at the end', { ...base, path: '/api/mine/' }, '[0].path must begin with /api/'],
    ['a name of JSON', { ...base, path: '/api/{__proto__}' }, '[0].path must begin with /api/'],
    ['no schema', { ...base, body: { safeParse: () => undefined } }, '[0].body must be a schema that follows'],
    ['a schema of text', { ...base, body: z.string() }, '[0].body must be the schema of an object'],
    ['a schema of dates', { ...base, body: z.strictObject({ at: z.date() }) }, '[0].body cannot be expressed'],
    ['a response of dates', { ...base, response: z.date() }, '[0].response cannot be expressed'],
    [
      'a clash of names',
      { ...base, path: '/api/{userId}/mine' },
      '[0].path has the parameter userId, which the path or',
    ],
    ['a parameter twice', { ...other, path: '/api/{a}/{a}' }, '[0].path has the parameter a, which'],
    ['our route', { ...base, path: '/api/orders' }, '[0].path matches requests of POST /api/orders'],
    [
      'our parameter',
      { ...base, path: '/api/orders/mine/cancel' },
      '[0].path matches requests of POST /api/orders/{orderId}/cancel',
    ],
    ['their parameter', { ...base, path: '/api/{noun}/issue' }, '[0].path matches requests of POST /api/coupon/issue'],
    [
      'another name',
      { ...base, method: 'PATCH', path: '/api/products/{id}' },
      '[0].path names its parameters differently from GET /api/products/{productId}',
    ],
    ['one path twice', [base, { ...base, name: 'again' }], '[1].path matches requests of POST /api/mine'],
    ['one name twice', [base, other], '[1].name tellMine is the name of POST /api/mine'],
    ['a name of ours', { ...base, name: 'placeOrder' }, '[0].name placeOrder is the name of POST /api/orders'],
    ['a name of two words', { ...base, name: 'a b' }, '[0].name must be a word'],
  ])('with %s', async (_, commands, message) => {
    const options = {
      routes: { commands: typeof commands === 'object' && !Array.isArray(commands) ? [commands] : commands },
    }
    await expect(createServer({ store: inMemoryStore(), auth: 'off', ...options } as never)).rejects.toThrow(
      `createServer: routes.commands${message}`,
    )
  })

  test('without the problem of a code that a command declares', async () => {
    const start = createServer({ store: inMemoryStore(), auth: 'off', routes: { commands: [units] } })
    await expect(start).rejects.toThrow('problems.CARD_FULL is missing: the command give-units refuses with it')
  })

  test('but takes the path of a route that it has removed', async () => {
    const commands = [{ ...base, path: '/api/payments' } as never]
    const replace = { 'POST /api/payments': false } as const
    const server = await createServer({ store: inMemoryStore(), auth: 'off', routes: { commands, replace } })
    const { port } = await server.listen(0)
    const answer = await fetch(`http://127.0.0.1:${port}/api/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"userId":"mina"}',
    })
    expect(await answer.json()).toEqual({ userId: 'mina' })
    await server.close()
  })
})
