import { readRelease } from './release.js'

type Call = 'charge' | 'issue' | 'place' | 'pay' | 'refund' | 'cancel' | 'create' | 'coupon' | 'again'

/** Its products have limits and metadata, one of its coupons has a code and is for some products. */
export const { release, shopOn, migrateToRelease, replay, violations, changedRows } = readRelease<Call>('0008')
