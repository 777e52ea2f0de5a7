import { connectRedis, popularProducts } from '@shop/adapter-redis'
import { type Day, resolvePolicies } from '@shop/core'
import { addDays, dayOf } from '@shop/core/store'

/** A radio station that counts plays by day. The chart is the union of full days, not of daily charts. */
export const rankSongs = async (redisUrl: string) => {
  const connection = connectRedis(redisUrl)
  await connection.ready(1_000)
  const id = `radio-${Date.now()}`
  const today = dayOf(Date.now(), 'Asia/Seoul')
  const plays = new Map<Day, Map<string, number>>()
  const play = (day: Day, song: string, times: number): void => {
    const sums = plays.get(day) ?? new Map<string, number>()
    plays.set(day, sums.set(song, (sums.get(song) ?? 0) + times))
  }
  // Every day, five different songs are played ten times, and one song is played nine times.
  for (const ago of [0, 1, 2]) {
    const day = addDays(today, -ago)
    for (const number of [1, 2, 3, 4, 5]) play(day, `hit-${ago}-${number}`, 10)
    play(day, 'evergreen', 9)
  }
  const popular = popularProducts({
    redis: connection.redis,
    guard: connection.guard,
    database: async () => ({ id, now: Date.now() }),
    policies: resolvePolicies('standard', { ranking: { size: 3 } }),
    dailySums: async (day) => plays.get(day) ?? new Map<string, number>(),
    rankables: async (songs) =>
      songs.map((song) => ({ productId: song, name: song, price: 0, views: 0, createdAt: 0 })),
    answerMs: 0,
  })
  try {
    const before = (await popular.top()).products.map(({ productId, sold }) => ({ productId, sold }))
    play(today, 'hit-0-5', 40)
    await popular.forget([today])
    const after = (await popular.top({ limit: 1 })).products.map(({ productId, sold }) => ({ productId, sold }))
    return { before, after }
  } finally {
    await connection.close()
  }
}
