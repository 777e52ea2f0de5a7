import { type Check, checkFields } from '../shared/check.js'
import type { CommandCall, Outcome } from './outcome.js'

const visible: Check = (value) =>
  typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)
    ? undefined
    : 'must be 1 to 255 visible ASCII characters'

/** The refusal of a call whose input cannot be right whatever the shop's state, or nothing. */
export const checked = ({ command, input, idempotency }: CommandCall): Outcome<never> | undefined => {
  const errors = [
    ...command.check(input),
    ...(idempotency ? checkFields(idempotency, { scope: visible, key: visible }, 'idempotency.') : []),
  ]
  return errors.length > 0 ? { ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false } : undefined
}
