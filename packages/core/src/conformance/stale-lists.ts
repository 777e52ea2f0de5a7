import { systemTimer } from '../shared/timer.js'
import type { StaleList, StoreSupports } from '../store/store.js'
import type { ReadName } from './steps.js'

/** The reads of a shop that show these lists of its store. */
const shownBy: Readonly<Record<StaleList, ReadName>> = {
  products: 'products.list',
  drops: 'products.drops',
  ranking: 'products.top',
  claimableCoupons: 'coupons.claimable',
  productsWithIds: 'products.states',
}

type Declared = { readonly supports: Pick<StoreSupports, 'staleLists'> }

/** The reads of a shop on this store that may be of an earlier moment. */
export const staleReads = ({ supports: { staleLists } }: Declared): ReadonlySet<string> =>
  new Set(staleLists?.reads.map((list) => shownBy[list]))

/** Beyond the declared time: for the reads themselves. */
const graceMs = 2_000

/**
 * What contradicts a list, one line each. A list that the store may show late is read again until nothing does, for as long
 * as it may be late.
 */
export const inTime = async (
  { supports: { staleLists } }: Declared,
  list: StaleList,
  find: () => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  const isLate = staleLists?.reads.includes(list) ?? false
  const end = systemTimer.elapsedMs() + (staleLists?.maxAgeMs ?? 0) + graceMs
  for (;;) {
    const found = await find()
    if (found.length === 0 || !isLate || systemTimer.elapsedMs() > end) return found
    await systemTimer.pause(5)
  }
}
