import { setTimeout as pause } from 'node:timers/promises'
import { issueCoupon } from '@shop/core/commands'
import { couponValidity, remaining } from '@shop/core/store'
import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatedServer } from '../support/gated-server.js'
import { memoryDatabase, start } from '../support/memory-database.js'

// The gate repeats two rules of core: `couponValidity`, and `remaining(coupon) === 0`. Their boundaries must agree.

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const couponId = 'opening'
const end = start + 60_000

/** No time passes between the database's answer and its use, so the gate knows the time exactly. */
const exactTimer = { elapsedMs: () => 0, pause }

/** Whether the gate, core's rules and core's command refuse a new user as sold out. */
const seenBy = async ({ quantity, issued, now }: { quantity: number; issued: number; now: number }) => {
  await redis.flush()
  const database = memoryDatabase()
  const plain = database.shop()
  const discount = { kind: 'fixed', amount: 1_000 } as const
  await plain.coupons.create({ couponId, name: 'Opening', discount, quantity, validUntil: end })
  for (let number = 0; number < issued; number += 1) {
    await plain.coupons.issue({ couponId, userId: `u-${number}` })
  }
  const server = await gatedServer(database, redis.url, {}, exactTimer)
  try {
    await server.gate.reconcile(couponId)
    database.clock.move(now - start)
    const coupon = await database.store.reads.coupon(couponId)
    if (!coupon) throw new Error('the coupon is missing')
    const input = { couponId, userId: 'new' }
    const atGate = await server.gate.issue(input, async () => ({ ok: true, result: 'asked', replayed: false }))
    return {
      isRefusedByGate: !atGate.ok,
      verdicts: server.verdicts,
      isSoldOutByCore: couponValidity(coupon, now) === undefined && remaining(coupon) === 0,
      byDatabase: await plain.execute(issueCoupon, input),
    }
  } finally {
    await server.close()
  }
}

test.each([
  { quantity: 2, issued: 1, now: start },
  { quantity: 2, issued: 2, now: start },
  { quantity: 1, issued: 1, now: start },
  { quantity: 1, issued: 0, now: start },
  { quantity: 1, issued: 1, now: end - 1 },
  { quantity: 1, issued: 1, now: end },
  { quantity: 1, issued: 1, now: end + 1 },
  { quantity: 2, issued: 1, now: end - 1 },
  { quantity: 2, issued: 1, now: end },
])('the gate refuses as sold out exactly when core does: $issued of $quantity at $now', async (state) => {
  const { isRefusedByGate, isSoldOutByCore, byDatabase, verdicts } = await seenBy(state)
  expect(isRefusedByGate).toBe(isSoldOutByCore)
  expect(verdicts['sold-out']).toBe(isSoldOutByCore ? 1 : 0)
  expect(!byDatabase.ok && byDatabase.refusal.code === 'COUPON_SOLD_OUT').toBe(isSoldOutByCore)
})
