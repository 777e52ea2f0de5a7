import { plain, type Statement } from './statement.js'

/** What is set on a connection, so that nobody waits for ever. */
export interface Limits {
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly idleInTransactionTimeoutMs: number
}

/** How a connection was set up. */
export interface Settings {
  /** Every execution plans again: a statement that is prepared there keeps its text only. */
  readonly plansAnew: boolean
  /** False behind a pooler that lends another session to each transaction: a name would be another session's. */
  readonly prepared: boolean
  /** What every transaction of ours sets for itself; blank where the session has it. */
  readonly perTransaction: string
  /** Begins a transaction around a statement that would otherwise be one by itself, where sessions cannot be set up. */
  readonly frame: Statement | undefined
}

/**
 * Settings of a database or a role that would break a promise: a commit that does not wait for its record to be on disk
 * is no commit, and one that is cancelled while it waits for its standby says so in a warning only.
 */
const promises = (isLocal: boolean): string =>
  `select set_config(name, kept, ${isLocal}) from (values ('synchronous_commit', 'off', 'on'), ('client_min_messages', 'error', 'warning')) as unfit(name, value, kept) where current_setting(name) = value`

/** Search through an index may leave out what it likes where this is set. */
const allMatches = 'gin_fuzzy_search_limit = 0'

/** Lifts what a database or a role allows a whole transaction (Postgres 17), for one that takes its time. */
export const noTransactionTimeout = `select set_config('transaction_timeout', '0', true) where current_setting('transaction_timeout', true) is not null`

/** A dead client's session is found out within 20 s, whether it waits for the client or sends to it. */
const findDeadClients = [
  'tcp_keepalives_idle = 10',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 2',
  'tcp_user_timeout = 20000',
]

/** A plan that was made when a table was new is not kept, and none is worth compiling. */
const planAnew = ['plan_cache_mode = force_custom_plan', 'jit = off']

const limiting = ({ statementTimeoutMs, idleInTransactionTimeoutMs }: Limits): readonly string[] => [
  `statement_timeout = ${statementTimeoutMs}`,
  `idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`,
]

const limitingLocks = ({ lockTimeoutMs }: Limits): string => `lock_timeout = ${lockTimeoutMs}`

/**
 * Set once, for a connection that keeps its session, one after the other. Servers and systems that do not know the first one
 * are as good without: it ends a statement whose client is gone, so that it does not keep its locks.
 */
export const sessionSetup = (limits: Limits): { readonly wanted: Statement; readonly needed: Statement } => {
  const limitsLast = [...findDeadClients, ...planAnew, allMatches, limitingLocks(limits), ...limiting(limits)]
  return {
    wanted: plain(
      `select set_config(name, '1000', false) from pg_settings where name = 'client_connection_check_interval'`,
    ),
    needed: plain([promises(false), ...limitsLast.map((each) => `set ${each}`)].join('; ')),
  }
}

export const ownSession: Settings = { plansAnew: true, prepared: true, perTransaction: '', frame: undefined }

export const sharedSessionAdvice =
  'a pooler in transaction mode (such as pgbouncer) lends another session to each transaction: set SHOP_DATABASE_PREPARED=off (in code: prepared: false), or use its session mode'

/** Set by every transaction for itself: the session is another one each time. */
export const sharedSession = (limits: Limits): Settings => {
  const settings = [...limiting(limits), allMatches, 'jit = off']
  const perTransaction = [...settings.map((each) => `set local ${each}`), promises(true)].join('; ')
  const frame = plain(`begin isolation level read committed; set local ${limitingLocks(limits)}; ${perTransaction}`)
  return { plansAnew: false, prepared: false, perTransaction, frame }
}

/** A connection of the host's: its session is not ours to change. */
const hostsSession: Settings = {
  plansAnew: false,
  prepared: true,
  perTransaction: promises(true),
  frame: undefined,
}

const known = new WeakMap<object, Settings>()

export const settingsOf = (connection: object): Settings => known.get(connection) ?? hostsSession

export const settle = (connection: object, settings: Settings): void => {
  known.set(connection, settings)
}
