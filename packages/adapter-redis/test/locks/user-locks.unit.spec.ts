import { type UserLockResult, userLocks } from '@shop/adapter-redis'
import { inProcessLocks, type Locks } from '@shop/core'
import { chargeBalance, createProduct } from '@shop/core/commands'
import { expect, test } from 'vitest'
import { gate } from '../support/gate.js'

const serverWith = (locks: Locks) => {
  const results: UserLockResult[] = []
  const middleware = userLocks(locks, { prefix: async () => 'db', onResult: (result) => results.push(result) })
  return {
    /** Runs a command of the user; resolves with what `work` returns. */
    async run(userId: string, work: () => Promise<unknown>): Promise<unknown> {
      const call = { command: chargeBalance, input: { userId, amount: 1 } }
      const outcome = await middleware(call, async () => ({ ok: true, result: await work(), replayed: false }))
      return outcome.ok && outcome.result
    },
    middleware,
    results,
  }
}

const done = async () => 'done'

test('commands of one user on one server share the lock, and other servers wait for all of them', async () => {
  const locks = inProcessLocks()
  const [here, there] = [serverWith(locks), serverWith(locks)]
  const [first, second] = [gate(), gate()]
  const order: string[] = []
  const begun = gate()
  const commands = [
    here.run('ann', async () => {
      begun.open()
      await first.opened
      order.push('first')
    }),
    here.run('ann', async () => {
      await second.opened
      order.push('second')
    }),
  ]
  await begun.opened
  const other = there.run('ann', async () => void order.push('other server'))
  first.open()
  await commands[0]
  second.open()
  await Promise.all([...commands, other])
  expect(order).toEqual(['first', 'second', 'other server'])
  expect([here.results, there.results]).toEqual([['shared', 'held'], ['held']])
})

test('users do not wait for each other', async () => {
  const server = serverWith(inProcessLocks())
  const end = gate()
  const ann = server.run('ann', () => end.opened)
  expect(await server.run('bob', done)).toBe('done')
  end.open()
  await ann
})

test('a lock that is never granted delays a command only briefly', async () => {
  const server = serverWith({ withLock: async () => ({ held: false }) })
  expect(await server.run('ann', done)).toBe('done')
  expect(server.results).toEqual(['busy'])
})

test('a command runs without a lock while Redis is unavailable', async () => {
  const server = serverWith({ withLock: () => Promise.reject(new Error('away')) })
  expect(await server.run('ann', done)).toBe('done')
  expect(server.results).toEqual(['away'])
})

test('a lost lock and a failed release do not affect the command', async () => {
  const lost = AbortSignal.abort()
  const server = serverWith({
    async withLock(_name, work) {
      await work({ token: 1, signal: lost })
      throw new Error('could not be given back')
    },
  })
  expect(await server.run('ann', done)).toBe('done')
  expect(server.results).toEqual(['held'])
})

test('an error of the command is rethrown, and the lock is released', async () => {
  const server = serverWith(inProcessLocks())
  await expect(server.run('ann', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(await server.run('ann', done)).toBe('done')
  expect(server.results).toEqual(['held', 'held'])
})

test('a command of no user, and an input that is wrong, pass without a lock', async () => {
  const names: string[] = []
  const server = serverWith({
    withLock: (name, work) => {
      names.push(name)
      return inProcessLocks().withLock(name, work)
    },
  })
  const outcome = { ok: true, result: 'done', replayed: false } as const
  for (const input of [{ productId: 'p' }, { userId: 5 }, { userId: '' }]) {
    expect(await server.middleware({ command: createProduct, input }, async () => outcome)).toBe(outcome)
  }
  expect(server.results).toEqual([])
  await server.run('ann', done)
  expect(names).toEqual(['db:user:ann'])
})
