import type { IssuedCouponKey, TableName } from '@shop/core/commands'
import { isStoreError, type Keys, type LockName, StoreError } from '@shop/core/store'
import { sqlStateOf } from '../database/classify-error.js'
import { rowMaps } from '../rows/row-maps.js'

/** The SQLSTATE of a lock that was not granted in time. */
const lockTimeout = '55P03'

const maxShown = 5

const keyText = (key: string | IssuedCouponKey): string =>
  JSON.stringify(typeof key === 'string' ? key : Object.values(key).join(' '))

interface Waited {
  /** The name of the table. */
  readonly table: string
  /** The keys of the rows among which it waited. */
  readonly keys: readonly string[]
}

const hasTimedOut = (error: unknown): error is StoreError => isStoreError(error) && sqlStateOf(error) === lockTimeout

/** The error, with a message that names the rows. */
const saying = (message: string, { kind, cause }: StoreError): StoreError => new StoreError(kind, message, { cause })

const shownIn = ({ table, keys }: Waited): string => {
  const more = keys.length > maxShown ? ` and ${keys.length - maxShown} more` : ''
  return `${table} ${keys.slice(0, maxShown).join(', ')}${more}`
}

const oneOf = ({ keys }: Waited): string => (keys.length > 1 ? 'one of them' : 'it')

/** Names the rows that a lock step waited for, if it timed out. Other errors stay as they are. */
export const namedWait = (error: unknown, name: LockName, { lock }: Pick<Keys, 'lock'>): unknown => {
  if (!hasTimedOut(error)) return error
  const keys: readonly (string | IssuedCouponKey)[] = lock[name]
  const waited = { table: rowMaps[name].table, keys: keys.map(keyText) }
  return saying(
    `timed out waiting for ${shownIn(waited)}: is ${oneOf(waited)} locked by a transaction of your own?`,
    error,
  )
}

/** The index in which another transaction has the same key, as Postgres tells it. The name of its table comes first. */
const indexOf = ({ cause }: StoreError): string =>
  /in relation "([^"]+)"/.exec(String((cause as { readonly where?: unknown }).where))?.[1] ?? ''

/** The same for rows that are inserted: one that another transaction has inserted cannot be locked before. */
export const namedInsert = (
  error: unknown,
  inserted: Readonly<Partial<Record<TableName, readonly string[]>>>,
): unknown => {
  if (!hasTimedOut(error)) return error
  const index = indexOf(error)
  const waited = Object.entries(inserted)
    .map(([name, keys]): Waited => ({ table: rowMaps[name as TableName].table, keys: keys.map(keyText) }))
    .filter(({ table, keys }) => keys.length > 0 && index.startsWith(`${table}_`))
    .sort((a, b) => b.table.length - a.table.length)[0]
  if (!waited) return error
  return saying(
    `timed out inserting ${shownIn(waited)}: has a transaction of your own inserted ${oneOf(waited)}?`,
    error,
  )
}
