import { connectRedis, couponGate } from '@shop/adapter-redis'
import type { Outcome } from '@shop/core'

/** A box office with its own tables: it has `seats` seats and sells each visitor one. */
const boxOffice = (seats: number) => {
  const visitors = new Set<string>()
  const opened = Date.now()
  let asked = 0
  return {
    get asked() {
      return asked
    },
    /** One transaction: only the box office decides. */
    async sell(show: string, visitor: string): Promise<Outcome<{ readonly seat: number }>> {
      asked += 1
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (visitors.has(visitor)) {
        return { ok: false, refusal: { code: 'COUPON_ALREADY_ISSUED', couponId: show }, replayed: false }
      }
      if (visitors.size >= seats) {
        return { ok: false, refusal: { code: 'COUPON_SOLD_OUT', couponId: show }, replayed: false }
      }
      visitors.add(visitor)
      return { ok: true, result: { seat: visitors.size }, replayed: false }
    },
    database: async () => ({ id: `box-office-${opened}`, now: Date.now() }),
    reads: {
      coupon: async () => ({ quantity: seats, issued: visitors.size, validUntil: opened + 3_600_000 }),
    },
    issuedUsers: async ({ after = '', limit }: { readonly after?: string | undefined; readonly limit: number }) =>
      [...visitors]
        .filter((visitor) => visitor > after)
        .sort()
        .slice(0, limit),
  }
}

/** Many concurrent visitors. The gate admits about as many as there are seats. */
export const openDoors = async (redisUrl: string, { seats, people }: { seats: number; people: number }) => {
  const connection = connectRedis(redisUrl)
  await connection.ready(1_000)
  const office = boxOffice(seats)
  const gate = couponGate({
    redis: connection.redis,
    guard: connection.guard,
    database: office.database,
    reads: office.reads,
    issuedUsers: office.issuedUsers,
  })
  try {
    const outcomes = await Promise.all(
      Array.from({ length: people }, (_, number) => {
        const input = { couponId: 'premiere', userId: `visitor-${number}` }
        return gate.issue(input, () => office.sell(input.couponId, input.userId))
      }),
    )
    await gate.settled()
    return { seated: outcomes.filter(({ ok }) => ok).length, asked: office.asked }
  } finally {
    await connection.close()
  }
}
