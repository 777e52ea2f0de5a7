import { createHash } from 'node:crypto'

/** SQL to be sent. With a name it is prepared once per connection; without one and without values it goes as it is. */
export interface Statement {
  readonly text: string
  readonly name?: string
  /** Its answer says that something was committed, which must be true of the standby, too. */
  readonly commits?: true
}

/** A statement that is prepared. Its name follows from its text, so that stores with other schemas can share a pool. */
export const prepared = (text: string): Statement => ({
  text,
  name: `shop_${createHash('sha1').update(text).digest('base64url')}`,
})

export const plain = (text: string): Statement => ({ text })

/** A prepared statement that is sent outside a transaction and writes: it commits by itself. */
export const committing = (text: string): Statement => ({ ...prepared(text), commits: true })

/** Now, in whole milliseconds, by the database: the time at which the expression is evaluated. */
export const databaseNow = `floor(date_part('epoch', clock_timestamp()) * 1000)::bigint`

export const toInstant = (milliseconds: string): string =>
  `timestamptz 'epoch' + ${milliseconds} * interval '1 millisecond'`

export const fromInstant = (time: string): string => `(date_part('epoch', ${time}) * 1000)::bigint`

/** The time that all parts of a statement see which `withClock` opens. */
export const storeTime = '(select time from clock)'

/**
 * Opens a statement whose parts all see the same time: the caller's ($1), or where that is null the database's.
 * `clock.now` is in milliseconds, `clock.time` a timestamp.
 */
export const withClock = `with clock as materialized (
  select each.now, ${toInstant('each.now')} as time from (select coalesce($1::bigint, ${databaseNow}) as now) each
)`
