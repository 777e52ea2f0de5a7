import { guard, placeOrder } from '@shop/core/commands'
import { expect, expectTypeOf, test } from 'vitest'
import { createShopClient, isShopProblem } from '../../src/client/index.js'
import { mug, problems, serve } from './support.js'

test('the client knows the refusals of the host, with their facts', async () => {
  const closed = guard(placeOrder, { refuse: (_facts, { userId }) => ({ code: 'NOT_A_MEMBER', userId }) })
  const { port } = await serve({ guards: [closed], problems })
  const client = createShopClient({
    baseUrl: `http://127.0.0.1:${port}`,
    fetch: (request) => {
      request.headers.set('x-user', 'mina')
      return fetch(request)
    },
  })
  const error = await client.post('/api/orders', { body: mug('mina') }).catch((thrown: unknown) => thrown)
  if (!isShopProblem(error, 'NOT_A_MEMBER')) return expect.unreachable('it is another error')
  expectTypeOf(error.document.userId).toEqualTypeOf<string>()
  expect([error.code, error.status, error.document.userId]).toEqual(['NOT_A_MEMBER', 403, 'mina'])
})
