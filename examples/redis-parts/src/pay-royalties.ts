import { connectRedis, isRedisAway, redisLocks } from '@shop/adapter-redis'

/**
 * A record label with several servers, one of which pays the royalties of a night. The lock saves the other
 * servers the work. The ledger ensures that nothing is paid twice: it refuses a fencing token smaller than one
 * it has seen.
 */
export const payRoyalties = async (redisUrl: string, { servers = 3 } = {}) => {
  const connections = Array.from({ length: servers }, () => connectRedis(redisUrl))
  await Promise.all(connections.map((connection) => connection.ready(1_000)))
  const ledger = { paid: 0, greatest: 0 }
  let reckoned = 0

  const reckon = async () => {
    reckoned += 1
    await new Promise((resolve) => setTimeout(resolve, 200))
    return 700
  }
  const pay = (amount: number, token: number): 'paid' | 'refused' => {
    if (ledger.paid > 0 || token < ledger.greatest) return 'refused'
    ledger.greatest = token
    ledger.paid += amount
    return 'paid'
  }

  const tonight = connections.map(async (connection) => {
    try {
      const held = await redisLocks([connection]).withLock('royalties', async ({ token, signal }) => {
        const amount = await reckon()
        return signal.aborted ? 'refused' : pay(amount, token)
      })
      return held.held ? held.value : 'left to another'
    } catch (error) {
      if (!isRedisAway(error)) throw error
      return pay(await reckon(), ledger.greatest)
    }
  })
  try {
    return { outcomes: (await Promise.all(tonight)).sort(), reckoned, paid: ledger.paid }
  } finally {
    await Promise.all(connections.map((connection) => connection.close()))
  }
}
