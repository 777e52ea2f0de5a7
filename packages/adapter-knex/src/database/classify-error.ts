import { isStoreError, StoreError, type StoreErrorKind } from '@shop/core/store'
import { missingTable } from './missing-table.js'
import { sharedSessionAdvice } from './settings.js'

/** By SQLSTATE, or by its first two or three characters. Errors that are not listed are permanent. */
const kinds: Readonly<Record<string, StoreErrorKind>> = {
  '08': 'unavailable',
  // "cached plan must not change result type": a migration has run; a retry makes a new plan.
  '0A000': 'conflict',
  // The store's statements divide by zero on purpose, if they did not find the rows they expect.
  '22012': 'conflict',
  '23505': 'conflict',
  '25006': 'unavailable',
  '25P03': 'unavailable',
  '25P04': 'unavailable',
  '26000': 'unavailable',
  '28': 'unavailable',
  '3D000': 'unavailable',
  '40': 'conflict',
  '40003': 'ambiguous',
  // A revoked privilege can be granted again.
  '42501': 'unavailable',
  '42P05': 'unavailable',
  '53': 'unavailable',
  '55000': 'unavailable',
  '55006': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  '57P': 'unavailable',
  '58': 'unavailable',
}

/** Errors after which the server has closed the connection. */
const endsConnection = /^(08|57P|25P03|25P04|28|3D000)/

/** Errors of a server that accepts no writes: a standby, or one that is set to read-only. */
const isStandby = /^(25006|55000)$/

/** Services with a storage of their own refuse functions of the log with the SQLSTATE of a standby. */
const hidesLog = /wal_level/

/** Errors that show that the session's prepared statements are not those that the client expects. */
const isOutOfSync = /^(26000|42P05|0A000)$/

/** Internal errors of the server. After one of these a commit may have happened. */
const isServerFault = /^(53|58|XX)/

/** A prepared statement does not exist, or exists already. */
const hasLostSession = /^(26000|42P05)$/

/** The SQLSTATE of an error of the server. */
const sqlState = (error: unknown): string | undefined => {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined ? code : undefined
}

/** The same of an error that may be classified already. */
export const sqlStateOf = (error: unknown): string | undefined => sqlState(isStoreError(error) ? error.cause : error)

/** Whether the server takes writes, but tells nothing of its log. */
export const isLogHidden = (error: unknown): boolean => sqlStateOf(error) === '55000' && hidesLog.test(String(error))

/** What an error means. */
export interface Classified {
  /** A `StoreError`, or the error itself if it is a bug. */
  readonly error: unknown
  /** Whether the connection is gone. */
  readonly lost: boolean
  /** Why a connection that still responds must not be used after this transaction. */
  readonly unfit?: 'standby' | 'out-of-sync' | undefined
}

const unfitAfter = (code: string | undefined, message: string): Classified['unfit'] => {
  if (code === undefined) return undefined
  if (isStandby.test(code)) return hidesLog.test(message) ? undefined : 'standby'
  return isOutOfSync.test(code) ? 'out-of-sync' : undefined
}

/**
 * Classifies an error of the driver or the pool. An error without an SQLSTATE concerns the connection: refused, reset,
 * closed, timed out, or none free. While connecting, every error is `unavailable`, because a later attempt may succeed.
 * An SQL error in reply to a commit is definite, unless the server itself failed: the commit did not happen.
 */
export const classify = (
  error: unknown,
  { isInDoubt = false, isOfCommit = false, isConnecting = false } = {},
): Classified => {
  if (error instanceof TypeError || error instanceof RangeError) return { error, lost: true }
  const code = sqlState(error)
  const original = error instanceof Error ? error.message : String(error)
  const message =
    code !== undefined && hasLostSession.test(code)
      ? `${original}: ${sharedSessionAdvice}`
      : (missingTable(code, original) ?? original)
  const isFaultOfCommit = isOfCommit && code !== undefined && isServerFault.test(code)
  const lost = code === undefined || endsConnection.test(code) || isFaultOfCommit
  const kind =
    code === undefined || isConnecting
      ? 'unavailable'
      : (kinds[code] ?? kinds[code.slice(0, 3)] ?? kinds[code.slice(0, 2)])
  const isAmbiguous = isInDoubt && lost && (kind === 'unavailable' || isFaultOfCommit)
  return {
    error: new StoreError(isAmbiguous ? 'ambiguous' : (kind ?? 'rejected'), message, { cause: error }),
    lost,
    unfit: unfitAfter(code, original),
  }
}
