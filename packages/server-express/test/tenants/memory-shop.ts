import { inProcessLocks, type Shop } from '@shop/core'
import type { OpenShop, PostgresShop } from '../../src/tenants/open-shop.js'

/** A shop of any store, as if it were open in a server of many. */
export const openedOver = (given: Shop): OpenShop => {
  const shop = given as PostgresShop
  return {
    shop,
    locks: inProcessLocks(),
    parts: {
      shop,
      agreement: undefined,
      live: { watch: () => Promise.reject(new Error('none')) },
      codeAttempts: { attempt: (_subject, work) => work() },
    },
    live: { size: 0 },
    agreement: { check: async () => undefined },
    hasLosses: false,
    get isQuiet() {
      return shop.queued === 0
    },
    asked: () => {},
    relayAll: async () => {},
    tick: async () => {},
    close: () => shop.close(),
  }
}
