import { type Loaded, useLoad } from '../../parts/use-load.js'
import { session, shop } from '../../state/session.js'
import { type OwnOrders, ownOrders } from './drop-state.js'

const none: OwnOrders = { bought: 0 }

/** The user who can buy. Undefined for a visitor, and for an administrator, who has no wallet. */
export const buyer = (): string | undefined =>
  session.value && !session.value.isAdministrator ? session.value.userId : undefined

/** The buyer's newest orders of a product. The server counts all of them when it decides. */
export const useOwnOrders = (userId: string | undefined, productId: string): Loaded<OwnOrders> =>
  useLoad(async () => {
    if (userId === undefined) return none
    const { orders } = await shop.get('/api/orders', { params: { query: { userId, limit: 100 } } })
    return ownOrders(orders, productId)
  }, [userId, productId])
