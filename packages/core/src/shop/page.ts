import { defaultListLimit } from '../shared/limits.js'
import type { Position } from '../store/reads.js'

/** Which part of a list to read. */
export interface PageQuery {
  /**
   * The most items to show, 1 to 100.
   * @default 20
   */
  readonly limit?: number | undefined
  /**
   * The `next` of the page before.
   * @default the beginning of the list
   */
  readonly after?: Position | undefined
}

/** One part of a list. */
export interface Page<Item, Next = Position> {
  /** The items, in the order of the list. */
  readonly items: readonly Item[]
  /** The start of the next page: pass it with the next call. Null at the end of the list. */
  readonly next: Next | null
}

/** Queries one row more than the page shows, to learn whether the list continues. */
export const oneMore = <Query extends PageQuery>(query: Query): Query & { readonly limit: number } => ({
  ...query,
  limit: (query.limit ?? defaultListLimit) + 1,
})

export const pageOf = <Row, Item, Next>(
  rows: readonly Row[],
  limit: number = defaultListLimit,
  { item, position }: { item: (row: Row) => Item; position: (row: Row) => Next },
): Page<Item, Next> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(item), next: rows.length > limit && last !== undefined ? position(last) : null }
}
