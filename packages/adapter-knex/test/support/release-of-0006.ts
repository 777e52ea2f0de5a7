import { readRelease } from './release.js'

type Call = 'charge' | 'place' | 'pay' | 'payWaiting' | 'refund' | 'create'

/** `refundedLater` is the order that the recorded calls place, pay and refund. */
export const { release, fill, shopOn, migrateToRelease, replay, violations, changedRows } = readRelease<
  Call,
  { readonly refundedLater: string }
>('0006')
