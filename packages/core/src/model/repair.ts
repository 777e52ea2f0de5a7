import type { Instant } from '../shared/instant.js'

/** What a cure did: it commits with the cure. */
export interface Repair {
  /** The repair's id. */
  readonly repairId: string
  /** The id of the law that was broken, for example `STOCK-HELD`. */
  readonly law: string
  /** The kind of thing and its id, for example `product mug`. */
  readonly subject: string
  /** What was done, in English. */
  readonly what: string
  /** The value before it, as plain JSON. */
  readonly before: unknown
  /** The value after it, as plain JSON. */
  readonly after: unknown
  /** When it was done. */
  readonly at: Instant
}
