import { StoreError, type StoreErrorKind } from '@shop/core'
import { missingTable } from './missing-table.js'

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
  '53': 'unavailable',
  '55006': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  '57P': 'unavailable',
  '58': 'unavailable',
}

/** After these the server has closed the connection, or it no longer knows what we prepared on it. */
const endsConnection = /^(08|57P|25P03|25P04|26000|0A000|28|3D000)/

/** The server's own trouble: of a commit it says nothing, its record may have been written before. */
const ownTrouble = /^(53|58|XX)/

const sqlState = (error: unknown): string | undefined => {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined ? code : undefined
}

export interface Classified {
  readonly error: unknown
  /** True where the connection must not be used again. */
  readonly lost: boolean
}

/**
 * What an error of the driver or the pool means. An error that comes without an SQLSTATE is the connection's: refused,
 * reset, closed, timed out, or none free. An SQL error in answer to a commit is definite: it did not happen.
 */
export const classify = (error: unknown, { isInDoubt = false, isOfCommit = false } = {}): Classified => {
  if (error instanceof TypeError || error instanceof RangeError) return { error, lost: true }
  const code = sqlState(error)
  const said = error instanceof Error ? error.message : String(error)
  const message = missingTable(code, said) ?? said
  const isServersOwn = isOfCommit && code !== undefined && ownTrouble.test(code)
  const lost = code === undefined || endsConnection.test(code) || isServersOwn
  const kind = code === undefined ? 'unavailable' : (kinds[code] ?? kinds[code.slice(0, 3)] ?? kinds[code.slice(0, 2)])
  const isAmbiguous = isInDoubt && lost && (kind === 'unavailable' || isServersOwn)
  return { error: new StoreError(isAmbiguous ? 'ambiguous' : (kind ?? 'rejected'), message, { cause: error }), lost }
}
