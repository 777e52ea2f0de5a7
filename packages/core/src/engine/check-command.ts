import { type Check, checkedElsewhere, checkFields } from '../shared/check.js'
import type { CommandCall, Outcome } from './outcome.js'

const visible: Check = (value) =>
  typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)
    ? undefined
    : 'must be 1 to 255 visible ASCII characters'

const keyFields = { scope: visible, key: visible, request: checkedElsewhere }

/** The refusal of a call whose input cannot be right whatever the shop's state, or nothing. */
export const checked = ({ command, input, idempotency }: CommandCall): Outcome<never> | undefined => {
  const errors = [
    ...command.check(input),
    ...(idempotency === undefined ? [] : checkFields(idempotency, keyFields, 'idempotency.')),
  ]
  return errors.length > 0 ? { ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false } : undefined
}
