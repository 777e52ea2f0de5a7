import { couponId } from '../stage/seed.js'
import { array, documents, type Write } from './parameters.js'

const coupon = couponId(1)

/** One copy of the hot coupon for each user. */
export const issued = (users: readonly string[], at: Date): readonly Write[] => [
  {
    text: 'update shop.coupons set issued = issued + $2 where coupon_id = $1',
    values: [coupon, users.length],
  },
  {
    text: 'insert into shop.issued_coupons (coupon_id, user_id, issued_at) select $1, unnest($2::text[]), $3',
    values: [coupon, array(users, (user) => user), at],
  },
]

const day = 86_400_000

const outcomeOf = (userId: string, at: Date) => ({
  ok: true,
  result: {
    userId,
    couponId: coupon,
    name: 'Coupon 1',
    discount: { kind: 'fixed', amount: 500 },
    status: 'issued',
    issuedAt: at,
    validFrom: new Date(at.getTime() - day),
    validUntil: new Date(at.getTime() + 365 * day),
  },
  replayed: false,
})

/** The outcome of each issue, under the key of its request. */
export const outcomesKept = (users: readonly string[], at: Date): Write => ({
  text: `insert into shop.outcomes (scope, key, fingerprint, outcome, at)
    select n.scope, $2, 'issue-coupon ' || n.call, n.outcome::json, $5
    from unnest($1::text[], string_to_array($3, chr(30)), string_to_array($4, chr(30))) as n(scope, call, outcome)`,
  values: [
    array(users, (user) => user),
    'issue-1',
    documents(users, (userId) => ({ couponId: coupon, userId })),
    documents(users, (userId) => outcomeOf(userId, at)),
    at,
  ],
})
