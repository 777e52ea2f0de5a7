import { connectRedis, productCache } from '@shop/adapter-redis'

interface Book {
  readonly title: string
  readonly price: number
}

/** A book shop with its own catalogue: pages come from Redis until the owner changes a book. */
export const showCatalogue = async (redisUrl: string, visitors: number) => {
  const connection = connectRedis(redisUrl)
  await connection.ready(1_000)
  const id = `books-${Date.now()}`
  const books: Book[] = [{ title: 'Lua in one evening', price: 9_000 }]
  let reads = 0
  const cache = productCache({
    redis: connection.redis,
    guard: connection.guard,
    database: async () => ({ id, now: Date.now() }),
    ttlMs: 10_000,
  })
  const page = cache.products({
    async products({ offset, limit }): Promise<readonly Book[]> {
      reads += 1
      return books.slice(offset, offset + limit)
    },
  })
  try {
    await Promise.all(Array.from({ length: visitors }, () => page({ offset: 0, limit: 10 })))
    books.push({ title: 'Locks and keys', price: 12_000 })
    await cache.forget()
    const shown = await page({ offset: 0, limit: 10 })
    return { shown: shown.map(({ title }) => title), reads }
  } finally {
    await connection.close()
  }
}
