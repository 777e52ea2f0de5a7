import type { IssuedCouponKey } from '@shop/core/commands'
import { isStoreError, type Keys, type LockName, StoreError } from '@shop/core/store'
import { rowMaps } from '../rows/row-maps.js'

/** The SQLSTATE of a lock that was not granted in time. */
const lockTimeout = '55P03'

const maxShown = 5

const keyText = (key: string | IssuedCouponKey): string =>
  JSON.stringify(typeof key === 'string' ? key : Object.values(key).join(' '))

/** Names the rows that a lock step waited for, if it timed out. Other errors stay as they are. */
export const namedWait = (error: unknown, name: LockName, { lock }: Pick<Keys, 'lock'>): unknown => {
  if (!isStoreError(error)) return error
  const { code } = (error.cause ?? {}) as { readonly code?: unknown }
  if (code !== lockTimeout) return error
  const keys: readonly (string | IssuedCouponKey)[] = lock[name]
  const shown = keys.slice(0, maxShown).map(keyText).join(', ')
  const more = keys.length > maxShown ? ` and ${keys.length - maxShown} more` : ''
  const rows = `${rowMaps[name].table} ${shown}${more}`
  const which = keys.length > 1 ? 'one of them' : 'it'
  return new StoreError(error.kind, `timed out waiting for ${rows}: is ${which} locked by a transaction of your own?`, {
    cause: error.cause,
  })
}
