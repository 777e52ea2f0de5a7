import { type CompanionRow, type CompanionRows, isStoreError, StoreError } from '@shop/core/store'
import { classify, sqlState } from '../database/classify-error.js'
import type { QueryStep, Session } from '../database/session.js'
import { plain, prepared, type Statement } from '../database/statement.js'
import type { PostgresText } from '../within/connection.js'

/** A table of the host's, written with one insert for each group. */
export interface CompanionTable {
  /**
   * Its name, with or without a schema: `gift_notes`, `public.gift_notes`.
   * @default the companion's name, in the search path of the connection
   */
  readonly table?: string | undefined
  /** Its columns that commands fill, each with its SQL type, for example `{ order_id: 'text', note: 'text' }`. */
  readonly columns: Readonly<Record<string, string>>
}

/** The transaction of a group, for code of the host. */
export interface CompanionTransaction {
  /**
   * Runs one statement. Its values may be texts, numbers, booleans, dates, bytes, null, or anything else as JSON. Resolves with
   * its rows: the fields in the order of their columns, in Postgres' text format.
   */
  query(text: string, values?: readonly unknown[]): Promise<readonly (readonly PostgresText[])[]>
}

/** Code of the host that writes the rows of a group itself. */
export interface CompanionWriter {
  /**
   * Writes the rows. It must use `trx` for all its statements, and neither commit nor roll back. If it throws, the group
   * fails, and its commands are tried one by one.
   * @example
   * async write(trx, rows) {
   *   const { sql, bindings } = knex('ledger').insert(rows).toSQL().toNative()
   *   await trx.query(sql, bindings)
   * }
   */
  write(trx: CompanionTransaction, rows: readonly CompanionRow[]): Promise<void>
}

/** The tables of the host that commit with commands, by the name that calls use. */
export type CompanionTables = Readonly<Record<string, CompanionTable | CompanionWriter>>

const namePattern = /^[A-Za-z_]\w{0,62}$/
const typePattern = /^[A-Za-z_][\w. ]*(\(\d+(, ?\d+)?\))?(\[\])*$/

const quoted = (name: string): string => {
  if (!namePattern.test(name)) throw new TypeError(`not a plain SQL name: ${JSON.stringify(name)}`)
  return `"${name}"`
}

const checkedType = (type: unknown): string => {
  if (typeof type !== 'string' || !typePattern.test(type))
    throw new TypeError(`not an SQL type: ${JSON.stringify(type)}`)
  return type
}

const bytes = (value: Uint8Array): string => `\\x${Buffer.from(value).toString('hex')}`

/** JSON has no bytes and no large integers; as texts they become what they were in the database. */
const encodable = (row: CompanionRow): CompanionRow => {
  const encoded: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'bigint') encoded[column] = String(value)
    else if (value instanceof Uint8Array) encoded[column] = bytes(value)
    else encoded[column] = value
  }
  return encoded
}

const undefinedColumn = '42703'

const failure = (companion: string, reason: string, code: string | null, cause?: unknown): StoreError =>
  new StoreError('rejected', `companion ${companion}: ${reason}`, { cause, companion: { name: companion, code } })

/** States that concern the server or other transactions, not the rows: the group is retried as for its own statements. */
const isTransient = /^(08|25|26|40|53|55|57|58|XX)/

/**
 * An error of the host's rows, or of its code, is the failure of the companion. An error of the server stays what it is.
 */
const failureOf = (companion: string, error: unknown): unknown => {
  const cause = isStoreError(error) ? error.cause : error
  const code = sqlState(cause)
  const isOfServer = code === undefined ? isStoreError(error) : isTransient.test(code)
  if (isOfServer) return isStoreError(error) ? error : classify(error).error
  const reason = cause instanceof Error ? cause.message : String(cause)
  return failure(companion, reason, code ?? null, cause)
}

const asJson = (companion: string, rows: readonly CompanionRow[]): string => {
  try {
    return JSON.stringify(rows.map(encodable))
  } catch (error) {
    throw failure(companion, `its rows are not JSON: ${String(error)}`, null, error)
  }
}

/** The statement that inserts rows into a table of the host's. */
const insertInto = (companion: string, { table = companion, columns }: CompanionTable) => {
  const names = Object.keys(columns)
  if (names.length === 0) throw new TypeError(`companion ${companion} has no columns`)
  const target = table.split('.').map(quoted).join('.')
  const types = names.map((name) => `${quoted(name)} ${checkedType(columns[name])}`)
  const statement: Statement = prepared(
    `insert into ${target} (${names.map(quoted).join(', ')})
  select ${names.map((name) => `r.${quoted(name)}`).join(', ')} from json_to_recordset($1::json) as r(${types.join(', ')})`,
  )
  const failed = (error: unknown): unknown => failureOf(companion, error)
  return (rows: readonly CompanionRow[]): QueryStep => {
    const unknown = rows.flatMap((row) => Object.keys(row)).find((name) => !names.includes(name))
    if (unknown !== undefined)
      throw failure(companion, `there is no column ${unknown} among its columns`, undefinedColumn)
    return { statement, values: [asJson(companion, rows)], failed }
  }
}

/** Rejects if the connection is gone: then the host's error does not concern its rows. Errors of the transaction do not matter. */
const assertConnected = async (session: Session): Promise<void> => {
  await session.send(plain('select 1')).catch((error: unknown) => {
    if (session.isLost) throw error
  })
}

/** Writes rows of companions in the transaction of a group. */
export interface CompanionScript {
  readonly names: readonly string[]
  /** The statements that write rows into tables. @throws StoreError that names a companion without such a column */
  steps(all: readonly CompanionRows[]): readonly QueryStep[]
  /** Whether code of the host writes some of the rows: it then runs after the steps. */
  hasWriters(all: readonly CompanionRows[]): boolean
  /** Runs the code of the host. @throws StoreError that names the companion that failed */
  write(session: Session, all: readonly CompanionRows[]): Promise<void>
}

const toText = (value: unknown): PostgresText => {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return bytes(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const transactionOn = (session: Session): CompanionTransaction => ({
  query: async (text, values = []) => (await session.send(plain(text), values.map(toText))).rows,
})

/** Without companions, no script. */
export const companionScript = (companions: CompanionTables = {}): CompanionScript | undefined => {
  const names = Object.keys(companions)
  if (names.length === 0) return undefined
  const tables = new Map<string, (rows: readonly CompanionRow[]) => QueryStep>()
  const writers = new Map<string, CompanionWriter>()
  for (const [name, each] of Object.entries(companions)) {
    quoted(name)
    if ('write' in each) writers.set(name, each)
    else tables.set(name, insertInto(name, each))
  }
  return {
    names,
    steps: (all) => all.flatMap(({ companion, rows }) => tables.get(companion)?.(rows) ?? []),
    hasWriters: (all) => all.some(({ companion }) => writers.has(companion)),
    async write(session, all) {
      for (const { companion, rows } of all) {
        try {
          await writers.get(companion)?.write(transactionOn(session), rows)
        } catch (error) {
          await assertConnected(session)
          throw failureOf(companion, error)
        }
      }
    },
  }
}
