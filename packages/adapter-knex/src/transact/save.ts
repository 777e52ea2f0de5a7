import type { LockKeys, TableName } from '@shop/core/commands'
import {
  type Changes,
  isAppendOnly,
  type Keys,
  keyText,
  type Loaded,
  type LockName,
  lockOrder,
  noKeys,
  rowKey,
  StoreError,
  schema,
  tableNames,
} from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryStep } from '../database/session.js'
import { isOneOf, prepared, type Statement, toInstant } from '../database/statement.js'
import { type ColumnEncoding, constant, encode, perRow, rowsFrom, stored } from '../rows/column.js'
import type { RowMap, Stored } from '../rows/row-map.js'
import { rowMaps } from '../rows/row-maps.js'
import { found, keyValues } from './lock-steps.js'
import { namedInsert } from './named-wait.js'

type Key = LockKeys[LockName][number]

/** Keys whose row was not found and is not inserted by the group. An insert detects a conflict itself. */
const absent = (keys: Keys, loaded: Loaded, changes: Changes, name: LockName): readonly Key[] => {
  const wanted: readonly Key[] = keys.lock[name]
  const { inserted } = changes[name]
  if (wanted.length === loaded[name].length + inserted.length) return []
  const there = new Set([...loaded[name], ...inserted].map(rowKey[name] as (row: unknown) => string))
  return wanted.filter((key) => !there.has((keyText[name] as (key: Key) => string)(key)))
}

/**
 * A missing row cannot be locked. If a decision depends on its absence, and it was inserted since the read, this
 * statement fails with a division by zero. The group is then decided again.
 */
export const recheckStep = (
  names: Names,
): ((keys: Keys, loaded: Loaded, changes: Changes) => QueryStep | undefined) => {
  let first = 1
  const appeared = lockOrder.map((name) => {
    const at = first
    first += keyValues(noKeys, name).length
    return `exists (select ${found(names, name, at)})`
  })
  const statement = prepared(`select 1 / (case when ${appeared.join('\n  or ')} then 0 else 1 end)`)
  return (keys, loaded, changes) => {
    const lock = Object.fromEntries(
      lockOrder.map((name) => [name, absent(keys, loaded, changes, name)]),
    ) as unknown as LockKeys
    if (lockOrder.every((name) => lock[name].length === 0)) return undefined
    return { statement, values: lockOrder.flatMap((name) => keyValues({ lock }, name)) }
  }
}

/** The id under which a group can be found again. */
export type GroupId = string | undefined

/** The rows that a group updates in one table: those that change only in hot fields, and the others. */
interface Updated {
  readonly hot: readonly unknown[]
  readonly changing: readonly unknown[]
}

interface Written {
  readonly changes: Changes
  readonly groupId: GroupId
  readonly now: number
  readonly updated: Readonly<Record<TableName, Updated>>
  /** How rows are encoded, except keys. */
  readonly carriage: ColumnEncoding
}

/** One table's share in the statement that saves a group. */
interface Part {
  /** The name of its expression in the statement, unique among the parts. */
  readonly name: string
  /** Whether every given row must exist. The first parameter is a text array with one element for each. */
  readonly counted: boolean
  readonly needed: (written: Written) => boolean
  readonly sql: (names: Names, first: number, carriage: ColumnEncoding) => string
  readonly values: (written: Written) => readonly unknown[]
}

// biome-ignore lint/suspicious/noExplicitAny: rows of whatever table
type AnyMap = RowMap<any>
type AnyColumn = Stored<unknown>

const keysOf = ({ key }: AnyMap, rows: readonly unknown[]): string[] =>
  key.map(({ kind, value }) => encode(kind, rows, value))

const valuesOf = (columns: readonly AnyColumn[], rows: readonly unknown[], { encode }: ColumnEncoding): string[] =>
  columns.map(({ kind, value }) => encode(kind, rows, value))

const fromRow = ({ name, kind }: AnyColumn): string => stored(kind, `n.${name}`)

const namesOf = (columns: readonly AnyColumn[]): string => columns.map(({ name }) => name).join(', ')

/**
 * Finds candidates by the keys, whose parameters begin at `first`, before any join: however small statistics say that the table
 * is, a join never reads all of it.
 */
const isCandidate = ({ key, finder }: AnyMap, first: number): string =>
  isOneOf(`t.${finder.name}`, `$${first + key.indexOf(finder)}`)

const hasKey = ({ key }: AnyMap): string => key.map(({ name }) => `t.${name} = n.${name}`).join(' and ')

/** Whether a row has one of the keys. `is true` keeps Postgres from making a join of it: it asks a hash table. */
const isListed = (map: AnyMap, first: number): string => {
  const list = `(select * from ${rowsFrom(map.key, 'n', first)})`
  const own = map.key.map(({ name }) => `t.${name}`).join(', ')
  return `${isCandidate(map, first)} and ((${own}) in ${list}) is true`
}

const insertingInto = (table: TableName, shape: string, columns: readonly AnyColumn[]): Part => {
  const own = rowMaps[table].table
  return {
    name: `${table}_inserted_${shape}`,
    counted: false,
    needed: ({ changes }) => changes[table].inserted.length > 0,
    sql: (names, first, { from }) => `insert into ${names[own]} (${namesOf(columns)})
  select ${columns.map(fromRow).join(', ')} from ${from(columns, 'n', first)}`,
    values: ({ changes, carriage }) => valuesOf(columns, changes[table].inserted, carriage),
  }
}

/** Sparse columns that are null in all rows are left out: one part for each choice of columns. */
const inserting = (table: TableName): ((changes: Changes) => Part | undefined) => {
  const { map } = rowMaps[table] as { map: AnyMap }
  const choices = new Map<string, Part>()
  return (changes) => {
    const { inserted } = changes[table]
    if (inserted.length === 0) return undefined
    const { shape, columns } = map.insertColumns(inserted)
    let part = choices.get(shape)
    if (!part) {
      part = insertingInto(table, shape, columns)
      choices.set(shape, part)
    }
    return part
  }
}

const updating = (table: TableName, which: keyof Updated): Part => {
  const { map, table: own } = rowMaps[table] as { map: AnyMap; table: keyof Names }
  const columns = [...map.key, ...map[which]]
  const sets = map[which].map((column) => `${column.name} = ${fromRow(column)}`)
  if (map.onUpdate) sets.push(map.onUpdate)
  return {
    name: `${table}_${which}`,
    counted: true,
    needed: ({ updated }) => updated[table][which].length > 0,
    sql: (names, first, { from }) => `update ${names[own]} t set ${sets.join(', ')}
  from ${from(columns, 'n', first)} where ${isCandidate(map, first)} and ${hasKey(map)} returning true`,
    values({ updated, carriage }) {
      const rows = updated[table][which]
      return [...keysOf(map, rows), ...valuesOf(map[which], rows, carriage)]
    },
  }
}

const removing = (table: TableName): Part => {
  const { map, table: own } = rowMaps[table] as { map: AnyMap; table: keyof Names }
  return {
    name: `${table}_removed`,
    counted: true,
    needed: ({ changes }) => changes[table].removed.length > 0,
    sql: (names, first) => `delete from ${names[own]} t where ${isListed(map, first)} returning true`,
    values: ({ changes }) => keysOf(map, changes[table].removed),
  }
}

/** One row for each zone and day: adding to the sums of hundreds of products would be as many updates. */
const notingSales: Part = {
  name: 'sales_noted',
  counted: false,
  needed: ({ changes }) => changes.sales.length > 0,
  sql: (names, first) => `insert into ${names.recent_sales} (time_zone, day, product_ids, sold)
  select n.time_zone, n.day, array_agg(n.product_id), array_agg(n.sold)
  from unnest($${first}::text[], $${first + 1}::date[], $${first + 2}::text[], $${first + 3}::bigint[])
    as n(time_zone, day, product_id, sold) group by 1, 2`,
  values: ({ changes: { sales } }) => [
    encode('text', sales, ({ timeZone }) => timeZone),
    encode('day', sales, ({ day }) => day),
    encode('text', sales, ({ productId }) => productId),
    encode('number', sales, ({ quantity }) => quantity),
  ],
}

const markingGroup: Part = {
  name: 'group_marked',
  counted: false,
  needed: ({ groupId }) => groupId !== undefined,
  sql: (names, first) => `insert into ${names.groups} (group_id, committed, at)
  select $${first}::text, true, ${toInstant(`$${first + 1}::bigint`)}`,
  values: ({ groupId, now }) => [groupId, now],
}

/** Postgres runs the inserts from the last to the first, in the same order for every group, so groups never deadlock. */
const parts: readonly Part[] = [
  ...tableNames.filter((table) => !isAppendOnly(table)).map((table) => updating(table, 'changing')),
  ...tableNames.filter((table) => schema[table].hot).map((table) => updating(table, 'hot')),
  ...tableNames.filter((table) => schema[table].removable).map(removing),
  markingGroup,
  notingSales,
]

const inserts = tableNames.map(inserting).reverse()

const refuseWhatNeverChanges = (changes: Changes): void => {
  for (const table of tableNames) {
    const { updated, removed } = changes[table]
    if ((updated.length > 0 && isAppendOnly(table)) || (removed.length > 0 && !schema[table].removable)) {
      throw new StoreError('rejected', `rows of ${table} cannot be changed or removed like this`)
    }
  }
}

const noUpdates: Updated = { hot: [], changing: [] }

const updatedIn = (table: TableName, changes: Changes, loaded: Loaded): Updated => {
  const updated: readonly unknown[] = changes[table].updated
  if (updated.length === 0) return noUpdates
  const { map } = rowMaps[table] as { map: AnyMap }
  if (map.hot.length === 0) return { hot: [], changing: updated }
  const key = rowKey[table] as (row: unknown) => string
  const before = new Map(
    (loaded as unknown as Record<TableName, readonly unknown[]>)[table].map((row) => [key(row), row]),
  )
  const isHot = (row: unknown): boolean => {
    const known = before.get(key(row))
    return known !== undefined && map.differsOnlyInHot(known, row)
  }
  const hot = updated.filter(isHot)
  if (hot.length === updated.length) return { hot, changing: [] }
  return { hot, changing: updated.filter((row) => !isHot(row)) }
}

const manyRows = 64

const rowsIn = (changes: Changes): number =>
  tableNames.reduce((sum, table) => sum + changes[table].inserted.length + changes[table].updated.length, 0)

/** Fails with a division by zero if an update or a removal did not find every row. */
const check = (counted: readonly { readonly name: string; readonly first: number }[]): string => {
  const conditions = counted.map(({ name, first }) => `(select count(*) from ${name}) = cardinality($${first}::text[])`)
  return conditions.length === 0 ? 'select 1' : `select 1 / (case when ${conditions.join(' and ')} then 1 else 0 end)`
}

const statementFor = (names: Names, wanted: readonly Part[], written: Written): string => {
  let first = 1
  const placed = wanted.map((part) => {
    const at = first
    first += part.values(written).length
    return { ...part, first: at }
  })
  const expressions = placed.map(({ name, sql, first }) => `${name} as (${sql(names, first, written.carriage)})`)
  return `with ${expressions.join(',\n')}\n${check(placed.filter(({ counted }) => counted))}`
}

const insertedKeys = (changes: Changes) =>
  Object.fromEntries(
    tableNames.map((table) => [table, changes[table].inserted.map(rowKey[table] as (row: unknown) => string)]),
  )

export interface SaveStep extends QueryStep {
  /**
   * Whether a good plan depends on the values: on how many rows there are, and on which columns are alike in all of
   * them.
   */
  readonly needsOwnPlan: boolean
}

/**
 * All changes of a group in one statement, with one expression for each table. Undefined without changes: then no commit
 * can be in doubt either.
 */
export const saveStep = (
  names: Names,
): ((changes: Changes, loaded: Loaded, groupId: GroupId) => SaveStep | undefined) => {
  const statements = new Map<string, Statement>()
  return (changes, loaded, groupId) => {
    refuseWhatNeverChanges(changes)
    const written: Written = {
      changes,
      groupId,
      now: loaded.now,
      updated: Object.fromEntries(
        tableNames.map((table) => [table, updatedIn(table, changes, loaded)]),
      ) as Written['updated'],
      carriage: rowsIn(changes) < manyRows ? perRow : constant,
    }
    const wanted = [
      ...parts.filter(({ needed }) => needed(written)),
      ...inserts.flatMap((choose) => choose(changes) ?? []),
    ]
    const isMarked = wanted.includes(markingGroup)
    if (wanted.length === (isMarked ? 1 : 0) && !(isMarked && changes.companions.length > 0)) return undefined
    const needsOwnPlan = written.carriage === constant
    const shape = [needsOwnPlan, ...wanted.map(({ name }) => name)].join(' ')
    let statement = statements.get(shape)
    if (!statement) {
      statement = prepared(statementFor(names, wanted, written))
      statements.set(shape, statement)
    }
    const failed = (error: unknown) => namedInsert(error, insertedKeys(changes))
    return { statement, values: wanted.flatMap((part) => part.values(written)), failed, needsOwnPlan }
  }
}
