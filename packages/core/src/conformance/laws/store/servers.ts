import { auditStore } from '../../../audit/audit.js'
import type { Policies } from '../../../policies/policies.js'
import { presets } from '../../../policies/presets.js'
import { isShopRefusal } from '../../../shared/refusal.js'
import type { Shop } from '../../../shop/shop.js'
import type { Subject } from '../../kit/harness.js'
import { type OpenShop, textOf } from '../trial.js'

/** Two servers, each with its own store if the store supports sharing. */
export const serversOn = async <Tx>(
  { store, another }: Subject<Tx>,
  open: OpenShop,
  policies: Policies = presets['hold-at-order'],
): Promise<(index: number) => Shop<Tx>> => {
  const serve = (own: typeof store) => open<Tx>({ store: own, policies, limits: { maxGroupSize: 8, maxRetries: 12 } })
  const shops = [serve(store), serve((await another?.()) ?? store)]
  return (index) => shops[index % 2] as Shop<Tx>
}

/** The number of accepted calls, and the refusal codes of the others. */
export const count = async (
  calls: readonly Promise<unknown>[],
): Promise<{ accepted: number; heard: readonly string[] }> => {
  const heard = new Set<string>()
  let accepted = 0
  for (const ended of await Promise.allSettled(calls)) {
    if (ended.status === 'fulfilled') accepted += 1
    else heard.add(isShopRefusal(ended.reason) ? ended.reason.code : textOf(ended.reason))
  }
  return { accepted, heard: [...heard].sort() }
}

/** The same for `times` calls at once. */
export const atOnce = (times: number, call: (index: number) => Promise<unknown>) =>
  count(Array.from({ length: times }, (_, index) => call(index)))

/** The laws of stored data that are broken. */
export const soundly = async <Tx>(subject: Subject<Tx>): Promise<readonly string[]> =>
  (await auditStore(subject.store)).violations.map(({ law, subject: what }) => `${law} is broken for ${what}`)
