import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, test } from 'vitest'
import { createServer } from '../../src/index.js'

describe('options that are wrong name themselves', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ['both', { auth: 'off', authenticate: () => undefined }, 'auth and authenticate exclude each other'],
    ['neither', {}, 'auth is required'],
    ['no function', { authenticate: 'me' }, 'authenticate must be a function'],
    [
      'no route',
      { auth: 'off', routes: { replace: { 'POST /api/none': false } } },
      'routes.replace names POST /api/none',
    ],
    ['no handler', { auth: 'off', routes: { before: ['x'] } }, 'routes.before must be a list of Express handlers'],
    [
      'no list',
      { auth: 'off', routes: { at: { 'POST /api/orders': () => undefined } } },
      "routes.at['POST /api/orders'] must be a list of Express handlers",
    ],
    ['no such hook', { auth: 'off', routes: { after: [] } }, 'routes.after is not one of'],
    ['no origin', { auth: 'off', corsOrigins: ['https://a.example/'] }, 'corsOrigins must be origins'],
    ['no job', { auth: 'off', jobs: { rankin: false } }, 'jobs has rankin: only expiry, ranking'],
    ['no option', { auth: 'off', prot: 1 }, 'prot is not an option'],
    ['no workers', { auth: 'off', workers: 0 }, "workers must be 'auto' or an integer from 1 to 256"],
    [
      'an authenticator with workers',
      { auth: { authenticate: async () => undefined }, workers: 2 },
      'an authenticator in auth needs workers: 1, because functions cannot travel to workers',
    ],
    ...['authenticate', 'mapSubject', 'context'].map(
      (name) =>
        [
          `${name} with workers`,
          { ...(name !== 'authenticate' && { auth: 'off' }), [name]: () => undefined, workers: 'auto' },
          `${name} needs workers: 1`,
        ] as const,
    ),
    ['routes with workers', { auth: 'off', routes: {}, workers: 2 }, 'routes needs workers: 1'],
    ['no URL', { auth: 'off', publicUrl: 'shop' }, 'publicUrl must be an http:// or https:// URL'],
  ]
  test.each(wrong)('%s', async (_, options, message) => {
    await expect(createServer({ store: inMemoryStore(), ...options } as never)).rejects.toThrow(message)
  })
})
