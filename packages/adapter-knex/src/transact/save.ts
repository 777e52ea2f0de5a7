import { type Changes, StoreError, type TableName } from '@shop/core'
import type { Names } from '../database/names.js'
import type { Step } from '../database/session.js'
import { prepared, type Statement, toInstant } from '../database/statement.js'
import { arrayOf, codec } from '../rows/column.js'
import { rowMaps } from '../rows/row-maps.js'
import { type RowMap, unnest } from '../rows/table.js'

/** The id under which a group can be found again, and the time. */
export interface GroupMark {
  readonly groupId: string
  readonly now: number
}

interface Written {
  readonly changes: Changes
  readonly group: GroupMark | undefined
}

/** One table's share in the statement that saves a group. */
interface Part {
  /** The name of its expression in the statement, unique among the parts. */
  readonly name: string
  /** Whether every row it is given must have been there: the first parameter is as long as the rows it found. */
  readonly counted: boolean
  readonly needed: (written: Written) => boolean
  readonly sql: (names: Names, first: number) => string
  readonly values: (written: Written) => readonly unknown[]
}

// biome-ignore lint/suspicious/noExplicitAny: rows of whatever table
type AnyMap = RowMap<any>

const columnValues = (columns: AnyMap['stored'], rows: readonly unknown[]): string[] =>
  columns.map(({ kind, value }) => arrayOf(kind, rows, value))

const element = (alias: string, { name, kind }: AnyMap['stored'][number]): string =>
  codec(kind).store?.(`${alias}.${name}`) ?? `${alias}.${name}`

const keyColumns = ({ key, stored }: AnyMap): AnyMap['stored'] =>
  stored.filter(({ name }) => key.some((column) => column.name === name))

const matches = (map: AnyMap): string => map.key.map(({ name }) => `t.${name} = n.${name}`).join(' and ')

const inserting = (table: TableName): Part => {
  const map: AnyMap = rowMaps[table].map
  return {
    name: `${table}_inserted`,
    counted: false,
    needed: ({ changes }) => changes[table].inserted.length > 0,
    sql: (
      names,
      first,
    ) => `insert into ${names[rowMaps[table].table]} (${map.stored.map(({ name }) => name).join(', ')})
  select ${map.stored.map((column) => element('n', column)).join(', ')} from ${unnest(map.stored, 'n', first)}`,
    values: ({ changes }) => columnValues(map.stored, changes[table].inserted),
  }
}

const updating = (table: TableName): Part => {
  const map: AnyMap = rowMaps[table].map
  const columns = [...keyColumns(map), ...map.changing]
  const sets = map.changing.map((column) => `${column.name} = ${element('n', column)}`)
  return {
    name: `${table}_updated`,
    counted: true,
    needed: ({ changes }) => changes[table].updated.length > 0,
    sql: (
      names,
      first,
    ) => `update ${names[rowMaps[table].table]} t set ${[...sets, ...(map.onUpdate ? [map.onUpdate] : [])].join(', ')}
  from ${unnest(columns, 'n', first)} where ${matches(map)} returning true`,
    values: ({ changes }) => columnValues(columns, changes[table].updated),
  }
}

const removing = (table: TableName): Part => {
  const map: AnyMap = rowMaps[table].map
  const columns = keyColumns(map)
  return {
    name: `${table}_removed`,
    counted: true,
    needed: ({ changes }) => changes[table].removed.length > 0,
    sql: (names, first) => `delete from ${names[rowMaps[table].table]} t using ${unnest(columns, 'n', first)}
  where ${matches(map)} returning true`,
    values: ({ changes }) => columnValues(columns, changes[table].removed),
  }
}

const addingSales: Part = {
  name: 'sales_added',
  counted: false,
  needed: ({ changes }) => changes.sales.length > 0,
  sql: (names, first) => `insert into ${names.daily_sales} as d (time_zone, day, product_id, sold)
  select * from unnest($${first}::text[], $${first + 1}::date[], $${first + 2}::text[], $${first + 3}::bigint[])
  on conflict (time_zone, day, product_id) do update set sold = d.sold + excluded.sold`,
  values: ({ changes: { sales } }) => [
    arrayOf('text', sales, ({ timeZone }) => timeZone),
    arrayOf('day', sales, ({ day }) => day),
    arrayOf('text', sales, ({ productId }) => productId),
    arrayOf('number', sales, ({ quantity }) => quantity),
  ],
}

const markingGroup: Part = {
  name: 'group_marked',
  counted: false,
  needed: ({ group }) => group !== undefined,
  sql: (names, first) => `insert into ${names.groups} (group_id, committed, at)
  select $${first}::text, true, ${toInstant(`$${first + 1}::bigint`)}`,
  values: ({ group }) => [group?.groupId, group?.now],
}

const tables = Object.keys(rowMaps) as TableName[]

const onlyAdded = (table: TableName): boolean => rowMaps[table].map.changing.length === 0

/** Postgres runs the inserts from the last to the first, in the same order for every group: two groups cannot cross. */
const parts: readonly Part[] = [
  ...tables.filter((table) => !onlyAdded(table)).map(updating),
  removing('holds'),
  markingGroup,
  addingSales,
  ...tables.map(inserting).reverse(),
]

const refuseWhatNeverChanges = (changes: Changes): void => {
  for (const table of tables) {
    const { updated, removed } = changes[table]
    if ((updated.length > 0 && onlyAdded(table)) || (removed.length > 0 && table !== 'holds')) {
      throw new StoreError('rejected', `rows of ${table} are never changed or removed like that`)
    }
  }
}

/** Fails with a division by zero where an update or a removal did not find every row. */
const check = (counted: readonly { readonly name: string; readonly first: number }[]): string => {
  const conditions = counted.map(({ name, first }) => `(select count(*) from ${name}) = cardinality($${first}::text[])`)
  return conditions.length === 0 ? 'select 1' : `select 1 / (case when ${conditions.join(' and ')} then 1 else 0 end)`
}

const statementFor = (names: Names, written: Written): string => {
  let first = 1
  const placed = parts
    .filter(({ needed }) => needed(written))
    .map((part) => {
      const at = first
      first += part.values(written).length
      return { ...part, first: at }
    })
  const expressions = placed.map(({ name, sql, first }) => `${name} as (${sql(names, first)})`)
  return `with ${expressions.join(',\n')}\n${check(placed.filter(({ counted }) => counted))}`
}

/**
 * Everything that a group changes, in one statement: it holds an expression for each table that changes. Nothing to do
 * where nothing has changed: then there is no commit that could be in doubt, either.
 */
export const saveStep = (names: Names): ((changes: Changes, group: GroupMark | undefined) => Step | undefined) => {
  const statements = new Map<string, Statement>()
  return (changes, group) => {
    refuseWhatNeverChanges(changes)
    const written: Written = { changes, group }
    const wanted = parts.filter(({ needed }) => needed(written))
    if (wanted.every((part) => part === markingGroup)) return undefined
    const shape = wanted.map(({ name }) => name).join(' ')
    let statement = statements.get(shape)
    if (!statement) {
      statement = prepared(statementFor(names, written))
      statements.set(shape, statement)
    }
    return { statement, values: wanted.flatMap((part) => part.values(written)) }
  }
}
