import type { Change } from '../../engine/command.js'

/** What a cure does to the rows that it sees; undefined if there is nothing to cure any more. */
export interface CureEffect {
  /** What is done, in English. */
  readonly what: string
  /** The value before it. */
  readonly before: unknown
  /** The value after it. */
  readonly after: unknown
  /** What is written. */
  readonly changes: readonly Change[]
}
