import { readRelease } from './release.js'

type Call = 'charge' | 'issue' | 'place' | 'pay' | 'refund' | 'cancel' | 'create' | 'reprice' | 'coupon'

/** Its orders have references, refunds in part and bonus money. */
export const { release, shopOn, migrateToRelease, replay, violations, changedRows } = readRelease<Call>('0007')
