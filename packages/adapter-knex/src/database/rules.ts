/**
 * Rules of core as conditions in SQL, each named after the function that it mirrors. A test compares the two at the
 * edges of the rule. `row` is the alias of a row, `time` an expression of type timestamptz.
 */

export const hasPassed = (deadline: string, time: string): string => `${deadline} <= ${time}`

export const isOverdue = (row: string, time: string): string =>
  `${row}.status = 'pending' and ${hasPassed(`${row}.expires_at`, time)}`

/** Written so that no index serves the deadline: that would read the open orders of all users. */
export const isOpen = (row: string, time: string): string =>
  `${row}.status = 'pending' and (${hasPassed(`${row}.expires_at`, time)}) is not true`

export const isDrop = (row: string, time: string): string =>
  `${row}.listed and (${row}.opens_at is not null or ${row}.closes_at is not null)
   and not ${hasPassed(`coalesce(${row}.closes_at, 'infinity')`, time)}`

export const isClaimable = (row: string, time: string): string =>
  `${row}.valid_from <= ${time} and not ${hasPassed(`${row}.valid_until`, time)} and ${row}.issued < ${row}.quantity`

/** The form of a code that is equal for codes that differ only in case: codes are ASCII. */
export const foldCode = (code: string): string => `lower(${code})`

/** The units of an order that are not refunded, as rows of product and units: some negative, to be summed. */
export const everythingLeft = (row: string): string => `(
  select line ->> 'productId' as product_id, (line ->> 'quantity')::bigint as units
  from jsonb_array_elements(${row}.lines) line
  union all
  select line ->> 'productId', -(line ->> 'quantity')::bigint
  from jsonb_array_elements(${row}.refunds) refund cross join jsonb_array_elements(refund -> 'lines') line
)`
