import { ShopUnavailable } from '@shop/core'
import { singleFlight } from '@shop/core/store'
import { settlesWithin } from '../util/settles-within.js'
import type { ListShops, LocateShop } from './shop-location.js'

/** Shorter than a location is trusted. */
const locateMs = 3_000
const listMs = 30_000
/** Shorter than the readiness check waits. */
const outdatedMs = 700

/** What answers late is ignored. */
const inTime = async <T>(ms: number, asked: Promise<T>, question: string): Promise<T> => {
  const settled = asked.then(
    () => {},
    () => {},
  )
  if (await settlesWithin(ms, settled)) return asked
  throw new ShopUnavailable(`${question} did not answer within ${ms} ms`)
}

/** A `locate` that hangs must not hold up the reads of open shops. Rejects with ShopUnavailable then. */
export const locateInTime =
  (locate: LocateShop, ms = locateMs): LocateShop =>
  async (shopId) =>
    inTime(ms, Promise.resolve(locate(shopId)), `locate(${JSON.stringify(shopId)})`)

/** A `list` that hangs must not end the listing for good. Rejects with ShopUnavailable then. */
export const listInTime =
  (list: ListShops, ms = listMs): ListShops =>
  async () =>
    inTime(ms, Promise.resolve(list()), 'list()')

/** No answer in time counts as outdated. Never rejects. Asks again only after the last question was answered. */
export const outdatedInTime = (isOutdated: () => Promise<boolean>, ms = outdatedMs): (() => Promise<boolean>) => {
  const ask = singleFlight(async () => isOutdated())
  return () => inTime(ms, ask(), 'isOutdated()').catch(() => true)
}
