import { readFileSync } from 'node:fs'
import { knexStore } from '@shop/adapter-knex'
import { createShop } from '@shop/core'
import type { Knex } from 'knex'
import { migrateAsBefore } from './migrate-as-before.js'

type Row = Readonly<Record<string, unknown>>

/** Statements of one call, as the release before sent them. */
type Recorded = readonly { readonly text: string; readonly values: readonly unknown[] }[]

/** A shop as a release wrote it, and what its servers sent afterwards. */
interface Recording<Call extends string> {
  readonly migrations: readonly string[]
  /** The time after the recorded calls. */
  readonly now: number
  readonly rows: Readonly<Record<string, readonly Row[]>>
  /** In the order in which they were sent. */
  readonly replays: Readonly<Record<Call, Recorded>>
  /** What the recorded calls leave. */
  readonly after: Readonly<Record<string, readonly Row[]>>
}

/** Reads the recording of a release, named after its last migration. */
export const readRelease = <Call extends string, More = unknown>(name: string) => {
  const url = new URL(`../fixtures/shop-of-${name}.json`, import.meta.url)
  const release: Recording<Call> & More = JSON.parse(readFileSync(url, 'utf8'))
  const fill = async (knex: Knex): Promise<void> => {
    for (const [table, rows] of Object.entries(release.rows)) {
      await knex.raw(`insert into shop.${table} select * from json_populate_recordset(null::shop.${table}, ?::json)`, [
        JSON.stringify(rows),
      ])
    }
  }
  const shopOn = (knex: Knex) => createShop({ store: knexStore(knex, { clock: { now: () => release.now } }) })
  return {
    release,
    fill,
    shopOn,
    /** The schema and the rows of the release. */
    async migrateToRelease(knex: Knex): Promise<void> {
      await migrateAsBefore(knex, (migration) => release.migrations.includes(migration))
      await fill(knex)
    },
    /** Sends what a server of the release sent. @default every recorded call, in order */
    async replay(knex: Knex, names: readonly Call[] = Object.keys(release.replays) as Call[]): Promise<void> {
      const connection = await knex.client.acquireConnection()
      try {
        for (const { text, values } of names.flatMap((each) => release.replays[each])) {
          await connection.query({ text, values: [...values] })
        }
      } catch (error) {
        await connection.query('rollback')
        throw error
      } finally {
        await knex.client.releaseConnection(connection)
      }
    },
    async violations(knex: Knex) {
      const shop = shopOn(knex)
      const { violations } = await shop.audit()
      await shop.close()
      return violations
    },
    /** Rows of the release that are not there as it wrote them, by table. */
    async changedRows(knex: Knex): Promise<readonly string[]> {
      await knex.raw(`set time zone 'UTC'`)
      const changed: string[] = []
      for (const [table, rows] of Object.entries(release.rows)) {
        const columns = Object.keys(rows[0] ?? {}).map((column) => `"${column}"`)
        const { rows: kept } = await knex.raw(
          `select row_to_json(t) as row from (select ${columns.join(', ')} from shop.${table}) t`,
        )
        const sorted = (list: readonly unknown[]) => JSON.stringify(list.map((each) => JSON.stringify(each)).sort())
        if (sorted(kept.map(({ row }: { row: unknown }) => row)) !== sorted(rows)) changed.push(table)
      }
      return changed
    },
  }
}
