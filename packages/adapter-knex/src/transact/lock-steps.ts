import type { IssuedCouponKey } from '@shop/core/commands'
import { type Keys, type LockName, lockOrder } from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryStep } from '../database/session.js'
import { databaseNow, isOneOf, lookedUp, prepared, type Statement } from '../database/statement.js'
import { type Column, encode, rowsFrom } from '../rows/column.js'
import { rowMaps } from '../rows/row-maps.js'
import { namedWait } from './named-wait.js'

/** The keys of one list, as parameters: one for each column of the key. */
export const keyValues = ({ lock }: Pick<Keys, 'lock'>, name: LockName): readonly string[] => {
  const keys: readonly (string | IssuedCouponKey)[] = lock[name]
  return rowMaps[name].map.key.map(({ kind, field }) =>
    encode(kind, keys, (key) => (typeof key === 'string' ? key : key[field as keyof IssuedCouponKey])),
  )
}

/** The rows of a table that have the keys, whose parameters begin at `first`. */
export const found = (names: Names, name: LockName, first = 1): string => {
  const { map, table } = rowMaps[name]
  const [key, ...more] = map.key
  if (key && more.length === 0) return `from ${names[table]} t where ${isOneOf(`t.${key.name}`, `$${first}`)}`
  return `from ${lookedUp({ keys: rowsFrom(map.key, 'k', first), key: map.key, table: names[table], alias: 't' })}`
}

export const keyOrder = (key: readonly Column[]): string => key.map(({ name }) => `t.${name}`).join(', ')

/** Locks rows in the order of their keys, and returns their locked versions, which may be newer than the snapshot. */
const lockStatement = (names: Names, name: LockName): string => {
  const { map, table } = rowMaps[name]
  const { key } = map
  if (key.length === 1) {
    return `select ${map.list('t')} ${found(names, name)} order by ${keyOrder(key)} for no key update of t`
  }
  const order = key.map(({ name }) => `k.${name} collate "C"`).join(', ')
  const keys = `(select k.* from ${rowsFrom(key, 'k')} order by ${order}) k`
  const locked = lookedUp({ keys, key, table: names[table], alias: 't', locking: 'for no key update' })
  return `select ${map.list('t')} from ${locked}`
}

/** The same, with the time at which the last row was locked as the first column. Without rows, one row with the time. */
const lockWithTime = (names: Names, name: LockName): string => {
  const columns = Array.from({ length: rowMaps[name].map.width }, (_, index) => `c${index}`)
  return `with locked(${columns.join(', ')}) as materialized (${lockStatement(names, name)})
select after.now, locked.* from (
  select ${databaseNow} as now from (select count(*) from locked) counted
) after left join locked on true`
}

export interface LockStep extends QueryStep {
  readonly name: LockName
  /** Whether the first column is the time. */
  readonly hasTime: boolean
}

/** One step for each list that has keys. With `time`, the last one returns the time. */
export type LockSteps = (keys: Keys, options: { readonly time: boolean }) => readonly LockStep[]

export const lockSteps = (names: Names): LockSteps => {
  const each = (text: (names: Names, name: LockName) => string) =>
    Object.fromEntries(lockOrder.map((name) => [name, prepared(text(names, name))])) as Record<LockName, Statement>
  const plain = each(lockStatement)
  const timed = each(lockWithTime)
  return (keys, { time }) => {
    const wanted = lockOrder.filter((name) => keys.lock[name].length > 0)
    return wanted.map((name, index) => {
      const hasTime = time && index === wanted.length - 1
      const failed = (error: unknown) => namedWait(error, name, keys)
      return { name, hasTime, statement: (hasTime ? timed : plain)[name], values: keyValues(keys, name), failed }
    })
  }
}
