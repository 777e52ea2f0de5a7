import { foldName } from '@shop/core/store'
import type { Knex } from 'knex'
import type { Migration } from './migration.js'

const batchSize = 2_000

interface NamedProduct {
  readonly id: string
  readonly name: string
  readonly folded: string
}

/** Locks rows in the same order as commands do. Skips a product that was renamed in the meantime. */
const write = (schema: string, isWaiting: boolean) => `
  with locked as materialized (
    select product_id from ${schema}.products where product_id = any(?::text[])
    order by product_id for no key update ${isWaiting ? '' : 'skip locked'}
  )
  update ${schema}.products as product set folded_name = fresh.folded
  from rows from (unnest(?::text[]), unnest(?::text[]), unnest(?::text[])) as fresh(id, name, folded)
  join locked on locked.product_id = fresh.id
  where product.product_id = fresh.id and product.name = fresh.name`

/** Writes only names that fold differently than before; they are few. Without `isWaiting` it skips locked rows. */
const refold = async (knex: Knex, schema: string, isWaiting: boolean): Promise<void> => {
  for (let after = ''; ; ) {
    const { rows } = (await knex.raw(
      `select product_id as id, name, folded_name as folded from ${schema}.products
       where product_id > ? order by product_id limit ${batchSize}`,
      [after],
    )) as { rows: readonly NamedProduct[] }
    const stale = rows.filter(({ name, folded }) => foldName(name) !== folded)
    if (stale.length > 0) {
      const ids = stale.map(({ id }) => id)
      const names = stale.map(({ name }) => name)
      await knex.raw(write(schema, isWaiting), [ids, ids, names, names.map(foldName)])
    }
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return
    after = last.id
  }
}

export const refoldNames: Migration = {
  name: '0004_refold_names',
  sentence:
    'Folds the names of products for search again, by full case folding: ß is found by SS, İ and ı by I, ᾳ by ΑΙ.',
  prepare: (knex, schema) => refold(knex, schema, false),
  up: (trx, schema) => refold(trx, schema, true),
  down: async () => {},
}
