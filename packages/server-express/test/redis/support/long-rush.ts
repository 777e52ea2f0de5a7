import { knexSources } from '@shop/adapter-knex'
import type { FreshDatabase } from '@shop/test-support/database'
import { command, type RedisServer } from '@shop/test-support/redis'
import { expect } from 'vitest'
import { codesOf, type OpenServer } from './open-server.js'

/** What happens in the middle of a rush. The rush goes on until it has resolved. */
export type Strike = () => Promise<unknown>

export interface LongRush {
  readonly couponId: string
  readonly quantity: number
  readonly strike: Strike
}

const usersPerWave = 10
const wavesAround = 3

const offer = async (server: OpenServer, couponId: string, quantity: number): Promise<void> => {
  const validUntil = new Date(Date.now() + 3_600_000).toISOString()
  const discount = { kind: 'fixed', amount: 1 }
  const terms = { couponId, name: 'Rush', discount, quantity, validUntil }
  expect((await server.call('POST', '/api/admin/coupons', terms)).status).toBe(201)
}

/** What the two requests of a user may be answered, in any order: as without Redis. */
const answersOfUser = ['COUPON_ALREADY_ISSUED ok', 'COUPON_SOLD_OUT COUPON_SOLD_OUT']

/** The key of Redis in whose slot the gate of the coupon is. */
export const gateKeyOf = async (database: FreshDatabase, couponId: string, name = 'terms'): Promise<string> =>
  `shop:{${(await knexSources(database.knex).database()).id}:gate:${couponId}}:${name}`

/**
 * Users come in waves, until a while after the strike. Each sends the same request to two servers at once. Expects exactly
 * min(users, quantity) issued coupons, and for every user the answers that a server without Redis gives.
 */
export const longRush = async (
  database: FreshDatabase,
  servers: readonly OpenServer[],
  { couponId, quantity, strike }: LongRush,
): Promise<{ readonly users: number }> => {
  const [first, second] = servers
  if (!first || !second) throw new Error('a rush needs two servers')
  await offer(first, couponId, quantity)
  const answers = new Map<string, string>()
  const wave = async () => {
    const start = answers.size
    const users = Array.from({ length: usersPerWave }, (_, index) => `${couponId}-${start + index}`)
    await Promise.all(
      users.map(async (userId) => {
        const ask = ({ call }: OpenServer) => call('POST', '/api/coupon/issue', { userId, couponId })
        answers.set(userId, '')
        answers.set(
          userId,
          codesOf(await Promise.all([ask(first), ask(second)]))
            .sort()
            .join(' '),
        )
      }),
    )
  }
  for (let count = 0; count < wavesAround; count += 1) await wave()
  let isOver = false
  const striking = strike().finally(() => {
    isOver = true
  })
  do await wave()
  while (!isOver)
  await striking
  for (let count = 0; count < wavesAround; count += 1) await wave()

  const [users, issued] = [answers.size, Math.min(answers.size, quantity)]
  const odd = [...answers].filter(([, answer]) => !answersOfUser.includes(answer))
  expect(odd).toEqual([])
  expect([...answers.values()].filter((answer) => answer === answersOfUser[0])).toHaveLength(issued)
  expect((await second.call('GET', `/api/admin/coupons/${couponId}`)).body).toMatchObject({ issued })
  const rows = await database.knex('shop.issued_coupons').where({ coupon_id: couponId }).distinct('user_id')
  expect(rows).toHaveLength(issued)
  return { users }
}

/** Expects that the gate refuses callers itself, on every server, and that every law holds. */
export const expectGateAndLaws = async (servers: readonly OpenServer[], couponId: string): Promise<void> => {
  for (const [index, server] of servers.entries()) {
    let late = 0
    const refused = async () => {
      late += 1
      const input = { userId: `${couponId}-late-${index}-${late}`, couponId }
      expect((await server.call('POST', '/api/coupon/issue', input)).body.code).toBe('COUPON_SOLD_OUT')
      return (await server.metric('shop_coupon_gate_total', 'verdict="sold-out"')) ?? 0
    }
    const before = await refused()
    await expect.poll(refused, { timeout: 20_000, interval: 50 }).toBeGreaterThan(before)
  }
  const [server] = servers
  expect((await server?.call('GET', '/api/admin/audit'))?.body).toMatchObject({ ok: true, violations: [] })
}

/** Waits until the rush adds users to the gate at this Redis; they are lost if its replicas do not receive them. */
export const expectMoreIssued = async ({ port }: RedisServer, issuedKey: string, quantity: number): Promise<void> => {
  const issued = async () => Number(await command(port, 'SCARD', issuedKey))
  const known = await issued()
  const isMore = async () => (await issued()) > Math.min(known, quantity - 1)
  await expect.poll(isMore, { timeout: 20_000, interval: 10 }).toBe(true)
}

/** What `/readyz` says of Redis. */
export const redisReadiness = async ({ url }: OpenServer) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, redis: (await response.json()).checks.redis }
}
