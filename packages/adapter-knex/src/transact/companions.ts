import { type CompanionRow, type CompanionRows, isStoreError, StoreError } from '@shop/core/store'
import { classify, sqlStateOf } from '../database/classify-error.js'
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
   * Writes the rows, within 4 seconds. It must use `trx` for all its statements, await each of them, and neither commit nor
   * roll back. If it throws, ends too late, or leaves the transaction failed, the group fails, and its commands are tried one
   * by one.
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

/**
 * How long code of the host may write: until it ends, the rows of the group stay locked. Shorter than the limit of idle
 * transactions on a `knexConnection`, after which the connection would be lost.
 */
const writeMs = 4_000

/** JSON has no bytes and no large integers; as texts they become what they were in the database. */
const encodable = (row: CompanionRow): CompanionRow => {
  const encoded: Record<string, unknown> = Object.create(null)
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

/** An error of the server, with the companion in its message. */
const named = (companion: string, error: unknown): unknown =>
  isStoreError(error)
    ? new StoreError(error.kind, `companion ${companion}: ${error.message}`, { cause: error.cause })
    : error

/**
 * An error of the host's rows, or of its code, is the failure of the companion. An error of the server stays what it is.
 */
const failureOf = (companion: string, error: unknown): unknown => {
  const cause = isStoreError(error) ? error.cause : error
  const code = sqlStateOf(error)
  const isOfServer = code === undefined ? isStoreError(error) : isTransient.test(code)
  if (isOfServer) return named(companion, isStoreError(error) ? error : classify(error).error)
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
  /** Checks deferred constraints before the commit, which could not tell whose rows violate them. */
  deferred(all: readonly CompanionRows[]): QueryStep
}

const toText = (value: unknown): PostgresText => {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return bytes(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const leadingComments = /^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/

/** Statements that begin or end a transaction. Savepoints, and going back to one, are allowed. */
const boundary = /^(begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\s+((work|transaction)\s+)?to\b))\b/i

const assertNoBoundary = (text: string): void => {
  if (boundary.test(text.replace(leadingComments, '')))
    throw new TypeError(`its code must neither begin nor end a transaction: ${text}`)
}

/** The transaction for code of the host, until this code has ended: then the connection works for others. */
const transactionOn = (session: Session) => {
  let hasEnded = false
  const trx: CompanionTransaction = {
    async query(text, values = []) {
      if (hasEnded) throw new TypeError('this transaction of a companion has ended: await every statement')
      assertNoBoundary(text)
      return (await session.send(plain(text), values.map(toText))).rows
    },
  }
  return {
    trx,
    end: () => {
      hasEnded = true
    },
  }
}

/** Resolves with `late` if the work takes too long. */
const withinTime = async (work: Promise<void>): Promise<'done' | 'late'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), writeMs)
  })
  return Promise.race([work.then(() => 'done' as const), late]).finally(() => clearTimeout(timer))
}

const savepoint = plain('savepoint shop_companion')
const release = plain('release savepoint shop_companion')
const hasFailed = '25P02'

/** Fails if the code of the host has swallowed an error, or has ended the transaction: then only the store knows the outcome. */
const assertOpen = async (session: Session, companion: string): Promise<void> => {
  try {
    await session.send(release)
  } catch (error) {
    const code = sqlStateOf(error)
    const cause = isStoreError(error) ? error.cause : error
    if (code === hasFailed) throw failure(companion, 'its code has hidden an error of the database', code, cause)
    if (code === undefined || !/^(25P01|3B001)$/.test(code)) throw error
    throw new StoreError('ambiguous', `companion ${companion}: its code has ended the transaction`, { cause })
  }
}

const writeBy = async (
  writer: CompanionWriter,
  session: Session,
  { companion, rows }: CompanionRows,
): Promise<void> => {
  const { trx, end } = transactionOn(session)
  await session.send(savepoint)
  let ended: 'done' | 'late'
  try {
    ended = await withinTime(Promise.resolve(writer.write(trx, rows)))
  } catch (error) {
    await assertConnected(session)
    throw failureOf(companion, error)
  } finally {
    end()
  }
  if (ended === 'late') throw failure(companion, `its code did not end within ${writeMs} ms`, null)
  await assertOpen(session, companion)
}

const checkDeferred = plain('set constraints all immediate')

/** The table that an error names. */
const tableOf = (error: unknown): unknown =>
  isStoreError(error) ? (error.cause as { readonly table?: unknown } | undefined)?.table : undefined

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
  const writesTo = (companion: string, table: unknown): boolean => {
    const each = companions[companion]
    return each !== undefined && !('write' in each) && (each.table ?? companion).split('.').at(-1) === table
  }
  return {
    names,
    steps: (all) => all.flatMap(({ companion, rows }) => tables.get(companion)?.(rows) ?? []),
    hasWriters: (all) => all.some(({ companion }) => writers.has(companion)),
    async write(session, all) {
      for (const each of all) {
        const writer = writers.get(each.companion)
        if (writer) await writeBy(writer, session, each)
      }
    },
    deferred: (all) => ({
      statement: checkDeferred,
      failed(error) {
        const [first = names[0] as string, ...more] = all.map(({ companion }) => companion)
        return failureOf(more.find((each) => writesTo(each, tableOf(error))) ?? first, error)
      },
    }),
  }
}
