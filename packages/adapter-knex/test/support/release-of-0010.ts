import { readRelease } from './release.js'

type Call = 'charge' | 'issue' | 'place' | 'pay' | 'refund' | 'cancel' | 'stock'

/** It writes events of everything, and its wallets have bonus money. */
export const { release, shopOn, migrateToRelease, replay, violations, changedRows } = readRelease<Call>('0010')
