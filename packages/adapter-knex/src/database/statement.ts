import { createHash } from 'node:crypto'

/** An SQL statement. With a name it is prepared once for each connection. */
export interface Statement {
  readonly text: string
  readonly name?: string
  /** Whether its success means a commit, which must have reached the standby, too. */
  readonly commits?: true
}

/** A prepared statement. Its name is a hash of its text, so that stores with different schemas can share a pool. */
export const prepared = (text: string): Statement => ({
  text,
  name: `shop_${createHash('sha1').update(text).digest('base64url')}`,
})

export const plain = (text: string): Statement => ({ text })

/** A prepared statement that writes outside a transaction, and so commits. */
export const committing = (text: string): Statement => ({ ...prepared(text), commits: true })

/** The database's time when the expression is evaluated, in whole milliseconds since the epoch. */
export const databaseNow = `floor(date_part('epoch', clock_timestamp()) * 1000)::bigint`

export const toInstant = (milliseconds: string): string =>
  `timestamptz 'epoch' + ${milliseconds} * interval '1 millisecond'`

export const fromInstant = (time: string): string => `(date_part('epoch', ${time}) * 1000)::bigint`

/** The time that all parts of a statement see which `withClock` opens. */
export const storeTime = '(select time from clock)'

/**
 * Begins a statement whose parts all see the same time: the caller's ($1), or the database's if $1 is null.
 * `clock.now` is in milliseconds, `clock.time` is a timestamp.
 */
export const withClock = `with clock as materialized (
  select each.now, ${toInstant('each.now')} as time from (select coalesce($1::bigint, ${databaseNow}) as now) each
)`

/**
 * Whether a column is one of the texts of a parameter. The planner sees no constant: with one, it would compare each text with
 * the statistics of the column, which takes longer than finding hundreds of rows.
 */
export const isOneOf = (column: string, parameter: string): string =>
  `${column} = any((select ${parameter}::text[])::text[])`

interface LookedUp {
  /** A table with alias `k` that has a row for each key. */
  readonly keys: string
  readonly key: readonly { readonly name: string }[]
  readonly table: string
  readonly alias: string
  /** What else must hold of a row. @default nothing */
  readonly condition?: string
  /** How the rows are locked, in the order of the keys. @default not at all */
  readonly locking?: string
}

/**
 * The rows of a table that have one of the keys, one look-up for each key. `offset 0` keeps that order of work: a join would
 * read the whole table where statistics say that it is small.
 */
export const lookedUp = ({ keys, key, table, alias, condition, locking = '' }: LookedUp): string => {
  const hasKey = key.map(({ name }) => `${alias}.${name} = k.${name}`)
  const matches = [...hasKey, ...(condition === undefined ? [] : [condition])].join(' and ')
  return `${keys} cross join lateral (select * from ${table} ${alias} where ${matches} offset 0 ${locking}) ${alias}`
}
