/**
 * Rules of core as conditions in SQL, each named after the function that it mirrors. A test compares the two at the
 * edges of the rule. `row` is the alias of a row, `time` an expression of type timestamptz.
 */

export const hasPassed = (deadline: string, time: string): string => `${deadline} <= ${time}`

export const isOverdue = (row: string, time: string): string =>
  `${row}.status = 'pending' and ${hasPassed(`${row}.expires_at`, time)}`

export const isClaimable = (row: string, time: string): string =>
  `${row}.valid_from <= ${time} and not ${hasPassed(`${row}.valid_until`, time)} and ${row}.issued < ${row}.quantity`
