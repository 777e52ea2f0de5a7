import { plain, type Statement } from './statement.js'

/** Time limits of a connection, in milliseconds. */
export interface Limits {
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly idleInTransactionTimeoutMs: number
}

/** How a connection is set up. */
export interface Settings {
  /** Whether each execution makes a new plan: prepared statements then keep only their text. */
  readonly replans: boolean
  /** False behind a pooler that gives each transaction another session: names belong to one session. */
  readonly prepared: boolean
  /** Settings of every transaction; empty if the session has them. */
  readonly perTransaction: string
  /** Begins a transaction around a single statement, if settings cannot be made for a session. */
  readonly frame: Statement | undefined
}

/**
 * Overrides settings of a database or a role that would make commits unsafe. Commits must wait for the disk. Warnings
 * must be sent, because only a warning tells that a commit did not wait for its standby.
 */
const promises = (isLocal: boolean): string =>
  `select set_config(name, kept, ${isLocal}) from (values ('synchronous_commit', 'off', 'on'), ('client_min_messages', 'error', 'warning')) as unfit(name, value, kept) where current_setting(name) = value`

/** With another value an index search may omit results. */
const allMatches = 'gin_fuzzy_search_limit = 0'

/** Removes the time limit for whole transactions (Postgres 17), for slow ones. */
export const noTransactionTimeout = `select set_config('transaction_timeout', '0', true) where current_setting('transaction_timeout', true) is not null`

/** The server notices a dead client within 20 s, whether it waits for the client or sends to it. */
const findDeadClients = [
  'tcp_keepalives_idle = 10',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 2',
  'tcp_user_timeout = 20000',
]

/** Plans from when a table was almost empty must not be kept. The statements are too short for compilation to pay. */
const customPlans = ['plan_cache_mode = force_custom_plan', 'jit = off']

const limiting = ({ statementTimeoutMs, idleInTransactionTimeoutMs }: Limits): readonly string[] => [
  `statement_timeout = ${statementTimeoutMs}`,
  `idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`,
]

const limitingLocks = ({ lockTimeoutMs }: Limits): string => `lock_timeout = ${lockTimeoutMs}`

/**
 * Settings of a connection that keeps its session, made once. `wanted` may fail on servers that do not support it: it
 * ends statements whose client is gone, so that they release their locks.
 */
export const sessionSetup = (limits: Limits): { readonly wanted: Statement; readonly needed: Statement } => {
  const limitsLast = [...findDeadClients, ...customPlans, allMatches, limitingLocks(limits), ...limiting(limits)]
  return {
    wanted: plain(
      `select set_config(name, '1000', false) from pg_settings where name = 'client_connection_check_interval'`,
    ),
    needed: plain([promises(false), ...limitsLast.map((each) => `set ${each}`)].join('; ')),
  }
}

export const ownSession: Settings = { replans: true, prepared: true, perTransaction: '', frame: undefined }

export const sharedSessionAdvice =
  'a pooler in transaction mode (such as pgbouncer) gives each transaction another session: set SHOP_DATABASE_PREPARED=off (in code: prepared: false), or use its session mode'

/** Settings behind a pooler: each transaction makes them, because it may get another session. */
export const sharedSession = (limits: Limits): Settings => {
  const settings = [...limiting(limits), allMatches, 'jit = off']
  const perTransaction = [...settings.map((each) => `set local ${each}`), promises(true)].join('; ')
  const frame = plain(`begin isolation level read committed; set local ${limitingLocks(limits)}; ${perTransaction}`)
  return { replans: false, prepared: false, perTransaction, frame }
}

/** A connection of the host. Settings of its session stay as they are. */
const hostsSession: Settings = {
  replans: false,
  prepared: true,
  perTransaction: promises(true),
  frame: undefined,
}

const known = new WeakMap<object, Settings>()

export const settingsOf = (connection: object): Settings => known.get(connection) ?? hostsSession

export const settle = (connection: object, settings: Settings): void => {
  known.set(connection, settings)
}
