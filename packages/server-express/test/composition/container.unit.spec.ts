import { expect, test } from 'vitest'
import { createContainer } from '../../src/composition/container.js'
import { tokens as T } from '../../src/composition/tokens.js'

/** The shop uses the store and Redis, which both use the pool. Bound in an order of its own. */
const opened = async ({ failing }: { failing?: string } = {}) => {
  const { container, dispose } = createContainer()
  const closed: string[] = []
  const [pool, store, redis, shop] = [T.knex, T.store, T.redis, T.shop] as [symbol, symbol, symbol, symbol]
  const bind = (identifier: symbol, name: string, needs: symbol[]) =>
    container
      .bind<string>(identifier)
      .toResolvedValue(async (..._needed: string[]) => name, needs)
      .onDeactivation(async (service) => {
        await Promise.resolve()
        closed.push(service)
        if (service === failing) throw new Error(`${service} hangs`)
      })
  bind(pool, 'pool', [])
  bind(shop, 'shop', [store, redis])
  bind(redis, 'redis', [pool])
  bind(store, 'store', [pool])
  await container.getAsync(shop)
  return { dispose, closed }
}

const expectInOrder = (closed: readonly string[]) => {
  expect([...closed].sort()).toEqual(['pool', 'redis', 'shop', 'store'])
  expect(closed[0]).toBe('shop')
  expect(closed.at(-1)).toBe('pool')
}

test('what uses a service closes before that service, each once', async () => {
  const { dispose, closed } = await opened()
  await dispose()
  await dispose()
  expectInOrder(closed)
})

test('if a service fails to close, the others close and dispose rejects', async () => {
  const { dispose, closed } = await opened({ failing: 'redis' })
  await expect(dispose()).rejects.toMatchObject({ errors: [new Error('redis hangs')] })
  expectInOrder(closed)
})

test('what nothing asked for is not closed', async () => {
  const { container, dispose } = createContainer()
  let closed = false
  container
    .bind(T.policies)
    .toResolvedValue(() => expect.fail('created'))
    .onDeactivation(() => {
      closed = true
    })
  await dispose()
  expect(closed).toBe(false)
})
