import { useLoad } from '../../parts/use-load.js'
import { session, shop } from '../../state/session.js'
import { type OwnOrders, ownOrders } from './drop-state.js'

const none: OwnOrders = { bought: 0 }

/** The user who can buy. Undefined for a visitor, and for an administrator, who has no wallet. */
export const buyer = (): string | undefined =>
  session.value && !session.value.isAdministrator ? session.value.userId : undefined

/** The buyer's newest orders of a product. Empty until they are known. The server counts all orders when it decides. */
export const useOwnOrders = (
  userId: string | undefined,
  productId: string,
): { readonly own: OwnOrders; readonly isKnown: boolean; reload(): Promise<void> } => {
  const { data, failure, reload } = useLoad(async () => {
    if (userId === undefined) return { userId, own: none }
    const { orders } = await shop.get('/api/orders', { params: { query: { userId, limit: 100 } } })
    return { userId, own: ownOrders(orders, productId) }
  }, [userId, productId])
  return {
    own: data !== undefined && data.userId === userId ? data.own : none,
    isKnown: data !== undefined || failure !== undefined,
    reload,
  }
}
