import { StoreError, type StoreErrorKind } from '@shop/core/store'
import { missingTable } from './missing-table.js'
import { sharedSessionAdvice } from './settings.js'

/** By SQLSTATE, or by its class of two characters. What is in neither list was refused for good. */
const kinds: Readonly<Record<string, StoreErrorKind>> = {
  '08': 'unavailable',
  // "cached plan must not change result type": a migration has passed; the next attempt plans anew.
  '0A000': 'conflict',
  // Our statements divide only to check how many rows they found.
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
  // A right that was withdrawn can be granted again.
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

/** After these the server has closed the connection. */
const endsConnection = /^(08|57P|25P03|25P04|28|3D000)/

/** The server takes no writes: it is a standby, or was told so. */
const isStandby = /^(25006|55000)$/

/** The session and we no longer agree on what was prepared on it. */
const isMuddled = /^(26000|42P05|0A000)$/

/** The server's own trouble: of a commit it says nothing, its record may have been written before. */
const ownTrouble = /^(53|58|XX)/

/** A prepared statement that is not there, or is there already. */
const hasLostSession = /^(26000|42P05)$/

const sqlState = (error: unknown): string | undefined => {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined ? code : undefined
}

export interface Classified {
  readonly error: unknown
  /** True where the connection answers no longer. */
  readonly lost: boolean
  /** Where the connection still answers, but must not be used again after its transaction: why. */
  readonly unfit?: 'standby' | 'muddled' | undefined
}

const unfitAfter = (code: string | undefined): Classified['unfit'] => {
  if (code === undefined) return undefined
  if (isStandby.test(code)) return 'standby'
  return isMuddled.test(code) ? 'muddled' : undefined
}

/**
 * What an error of the driver or the pool means. An error that comes without an SQLSTATE is the connection's: refused,
 * reset, closed, timed out, or none free. A connection that is refused may be accepted later, whatever the reason. An SQL
 * error in answer to a commit is definite: it did not happen.
 */
export const classify = (
  error: unknown,
  { isInDoubt = false, isOfCommit = false, isConnecting = false } = {},
): Classified => {
  if (error instanceof TypeError || error instanceof RangeError) return { error, lost: true }
  const code = sqlState(error)
  const said = error instanceof Error ? error.message : String(error)
  const message =
    code !== undefined && hasLostSession.test(code)
      ? `${said}: ${sharedSessionAdvice}`
      : (missingTable(code, said) ?? said)
  const isServersOwn = isOfCommit && code !== undefined && ownTrouble.test(code)
  const lost = code === undefined || endsConnection.test(code) || isServersOwn
  const kind =
    code === undefined || isConnecting
      ? 'unavailable'
      : (kinds[code] ?? kinds[code.slice(0, 3)] ?? kinds[code.slice(0, 2)])
  const isAmbiguous = isInDoubt && lost && (kind === 'unavailable' || isServersOwn)
  return {
    error: new StoreError(isAmbiguous ? 'ambiguous' : (kind ?? 'rejected'), message, { cause: error }),
    lost,
    unfit: unfitAfter(code),
  }
}
