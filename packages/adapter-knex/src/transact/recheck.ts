import {
  type Changes,
  type Keys,
  keyText,
  type Loaded,
  type LockKeys,
  type LockName,
  lockOrder,
  noKeys,
  rowKey,
} from '@shop/core'
import type { Names } from '../database/names.js'
import type { QueryStep } from '../database/session.js'
import { prepared } from '../database/statement.js'
import { found, keyValues } from './lock.js'

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
