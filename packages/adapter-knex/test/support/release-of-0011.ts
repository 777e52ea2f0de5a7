import { readRelease } from './release.js'

type Call = 'charge' | 'issue' | 'place' | 'pay' | 'get' | 'refund' | 'cancel'

/** It has orders in every state, and a table of payments. */
export const { release, shopOn, migrateToRelease, replay, violations, changedRows } = readRelease<Call>('0011')
