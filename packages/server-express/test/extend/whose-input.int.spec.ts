import { accept, defineCommand } from '@shop/core/commands'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { commandRoute } from '../../src/index.js'
import { serve } from './support.js'

const tell = defineCommand<Record<string, unknown>, { userId: unknown }>({
  name: 'tell-user',
  check: () => [],
  keys: () => ({}),
  decide: (_facts, { userId = null }) => accept({ userId }, []),
})

const userId = z.string()

const bodies = {
  'a union': z.union([z.object({ userId, card: z.string() }), z.object({ userId, cash: z.int() })]),
  'further properties': z.looseObject({ card: z.string() }),
  'an intersection': z.intersection(z.object({ userId }), z.object({ card: z.string() })),
  'a record': z.record(z.string(), z.string()),
  'what the schema makes': z.object({ card: z.string(), for: z.string() }).transform((body) => ({ userId: body.for })),
} as const

describe.each(Object.entries(bodies))('a user in %s', (_, body) => {
  const send = async (as: string, whose: string) => {
    const route = commandRoute({
      method: 'POST',
      path: '/api/told',
      command: tell,
      access: 'user',
      body: body as never,
    })
    const { call } = await serve({ commands: [route] })
    return call('POST', '/api/told', { as, body: { userId: whose, card: 'c', for: whose } })
  }

  test('must be the caller, or the caller is an administrator', async () => {
    const { status, body: told } = await send('mina', 'jun')
    expect([status, told.code]).toEqual([403, 'FORBIDDEN'])
    expect([(await send('mina', 'mina')).body, (await send('root', 'jun')).body]).toEqual([
      { userId: 'mina' },
      { userId: 'jun' },
    ])
  })
})

describe('an input', () => {
  const route = commandRoute({
    method: 'POST',
    path: '/api/told',
    command: tell,
    access: 'user',
    body: z.record(z.string(), z.unknown()) as never,
  })

  test('may name no user', async () => {
    const { call } = await serve({ commands: [route] })
    expect((await call('POST', '/api/told', { as: 'mina', body: {} })).body).toEqual({ userId: null })
  })

  test.each([[['mina']], [{ of: 'jun' }], [null], [7]])('cannot name the user %j', async (whose) => {
    const { call } = await serve({ commands: [route] })
    const { status, body } = await call('POST', '/api/told', { as: 'mina', body: { userId: whose } })
    expect([status, body.errors]).toEqual([400, [{ path: 'userId', message: 'must be a text' }]])
  })
})
