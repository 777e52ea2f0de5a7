import { readFileSync } from 'node:fs'
import { knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import type { Knex } from 'knex'
import { migrateAsBefore } from './migrate-as-before.js'

type Row = Readonly<Record<string, unknown>>

/** Statements of one call, as the release before sent them. */
type Recorded = readonly { readonly text: string; readonly values: readonly unknown[] }[]

const calls = ['charge', 'place', 'pay', 'payWaiting', 'refund', 'create'] as const

/** A shop as the release wrote it whose last migration was 0006, and what its servers sent afterwards. */
interface Release {
  readonly migrations: readonly string[]
  /** The time after the recorded calls. */
  readonly now: number
  readonly rows: Readonly<Record<string, readonly Row[]>>
  readonly replays: Readonly<Record<(typeof calls)[number], Recorded>>
  /** The balances after the recorded calls. */
  readonly after: { readonly balances: readonly Row[] }
  /** The order that the recorded calls place, pay and refund. */
  readonly refundedLater: string
}

export const release: Release = JSON.parse(
  readFileSync(new URL('../fixtures/shop-of-0006.json', import.meta.url), 'utf8'),
)

export const fill = async (knex: Knex): Promise<void> => {
  for (const [table, rows] of Object.entries(release.rows)) {
    await knex.raw(`insert into shop.${table} select * from json_populate_recordset(null::shop.${table}, ?::json)`, [
      JSON.stringify(rows),
    ])
  }
}

/** The schema and the rows of the release before. */
export const migrateToRelease = async (knex: Knex): Promise<void> => {
  await migrateAsBefore(knex, (name) => release.migrations.includes(name))
  await fill(knex)
}

/** Sends what a server of the release before sent. @default every recorded call, in order */
export const replay = async (knex: Knex, names: readonly (typeof calls)[number][] = calls): Promise<void> => {
  const connection = await knex.client.acquireConnection()
  try {
    for (const { text, values } of names.flatMap((name) => release.replays[name])) {
      await connection.query({ text, values: [...values] })
    }
  } catch (error) {
    await connection.query('rollback')
    throw error
  } finally {
    await knex.client.releaseConnection(connection)
  }
}

export const shopOn = (knex: Knex) => createShop({ store: knexStore(knex, { clock: { now: () => release.now } }) })

export const violations = async (knex: Knex) => {
  const shop = shopOn(knex)
  const { violations } = await shop.audit()
  await shop.close()
  return violations
}

/** Columns, constraints and indexes of all tables. */
export const catalogue = async (knex: Knex): Promise<readonly string[]> => {
  const { rows } = await knex.raw(
    `select concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) as text
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'shop'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     union all select concat_ws(' ', r.relname, c.conname, pg_get_constraintdef(c.oid))
     from pg_constraint c join pg_class r on r.oid = c.conrelid
     where c.connamespace = 'shop'::regnamespace and c.contype <> 'n'
     union all select indexdef from pg_indexes where schemaname = 'shop' order by 1`,
  )
  return rows.map(({ text }: { text: string }) => text)
}

/** Indexes that are not built, and constraints that are not checked on all rows. */
export const unfinished = async (knex: Knex): Promise<readonly string[]> => {
  const { rows } = await knex.raw(
    `select c.relname::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'shop'::regnamespace and not i.indisvalid
     union all select conname::text from pg_constraint where connamespace = 'shop'::regnamespace and not convalidated`,
  )
  return rows.map(({ name }: { name: string }) => name)
}
