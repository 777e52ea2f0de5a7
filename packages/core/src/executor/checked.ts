import type { Command, Outcome } from './outcome.js'

/** The refusal of a command whose input cannot be right whatever the shop's state, or nothing. */
export const checked = ({ verb, input }: Command): Outcome<never> | undefined => {
  const errors = verb.check(input)
  return errors.length > 0 ? { ok: false, refusal: { code: 'INVALID_REQUEST', errors }, replayed: false } : undefined
}
