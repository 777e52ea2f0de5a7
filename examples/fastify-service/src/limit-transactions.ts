import type { Knex } from 'knex'

/** `knex.transaction` with limited concurrency. Further calls wait in order, without holding a connection. */
export const limitTransactions = (knex: Knex, atOnce: number) => {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async <T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await knex.transaction(work)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
