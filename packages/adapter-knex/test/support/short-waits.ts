import type { Knex } from 'knex'
import { expect } from 'vitest'
import { lockWaits } from './open-shop-database.js'

/** While a migration waits for a table that somebody reads, commands can write to each of these tables soon. */
export const expectShortWaits = async (knex: Knex, tables: readonly string[]): Promise<void> => {
  await expect.poll(() => lockWaits(knex), { timeout: 10_000, interval: 20 }).toBe(1)
  for (const table of tables) {
    await knex.transaction(async (trx) => {
      await trx.raw(`set local lock_timeout = 1500; lock table shop.${table} in row exclusive mode`)
    })
  }
}
