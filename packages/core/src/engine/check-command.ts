import { checkFields, idempotencyKey } from '../shared/check.js'
import type { CommandCall, Outcome } from './outcome.js'

/** The refusal of a call whose input cannot be right whatever the shop's state, or nothing. */
export const checked = ({ command, input, idempotency }: CommandCall): Outcome<never> | undefined => {
  const errors = [
    ...command.check(input),
    ...(idempotency ? checkFields(idempotency, { scope: idempotencyKey, key: idempotencyKey }, 'idempotency.') : []),
  ]
  return errors.length > 0 ? { ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false } : undefined
}
