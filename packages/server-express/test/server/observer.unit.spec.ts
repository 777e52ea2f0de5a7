import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createServer, type ServerObserver } from '../../src/index.js'

const serve = async (observer: ServerObserver) => {
  const server = await createServer({ store: inMemoryStore(), auth: 'off', observer })
  onTestFinished(() => server.close())
  const { port } = await server.listen(0)
  const url = `http://127.0.0.1:${port}`
  const charge = (amount: number) =>
    fetch(`${url}/api/balance/charge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'ann', amount }),
    })
  return { charge, metrics: async () => (await fetch(`${url}/metrics`)).text() }
}

describe('the observer of a host', () => {
  test('is told of commands, groups and jobs, beside the metrics of the server', async () => {
    const told: string[] = []
    const jobs = new Set<string>()
    const { charge, metrics } = await serve({
      onCommand: ({ command, outcome }) => told.push(`${command} ${outcome}`),
      onGroup: ({ size }) => told.push(`group of ${size}`),
      onJob: ({ job }) => jobs.add(job),
    })
    expect((await charge(5)).status).toBe(200)
    expect((await charge(1_000_001)).status).toBe(400)
    expect(told).toEqual(['group of 1', 'charge-balance ok', 'group of 1', 'charge-balance CHARGE_AMOUNT_INVALID'])
    await expect.poll(() => [...jobs]).toContain('views')
    expect(await metrics()).toMatch(/^shop_group_size_count 2$/m)
  })

  test('breaks nothing if it throws', async () => {
    const fail = () => {
      throw new Error('the observer is broken')
    }
    let ran = 0
    const { charge, metrics } = await serve({
      onCommand: fail,
      onGroup: fail,
      onRetry: fail,
      onJob() {
        ran += 1
        fail()
      },
    })
    expect((await charge(5)).status).toBe(200)
    await expect.poll(() => ran).toBeGreaterThan(0)
    expect(await metrics()).toMatch(/^shop_group_size_count 1$/m)
  })

  test.each([
    ['no function', {}, 'must have at least one of onCommand, onGroup, onRetry, onJob'],
    ['a text', 'onGroup', 'must have at least one of'],
    ['a wrong member', { onGroup: () => {}, onJob: true }, 'has onJob that must be a function'],
  ])('is refused with %s', async (_, observer, reason) => {
    await expect(
      createServer({ store: inMemoryStore(), auth: 'off', observer: observer as ServerObserver }),
    ).rejects.toThrow(`createServer: observer ${reason}`)
  })
})
