import { useEffect, useState } from 'preact/hooks'
import { type Loaded, useLoad } from '../parts/use-load.js'
import type { Quote } from '../state/api.js'
import { basket } from '../state/basket.js'
import { shop } from '../state/session.js'

const pauseWhileChangingMs = 200

/** What the basket would cost now, and whether the balance suffices. Undefined for an empty basket or a visitor. */
export const useQuote = (
  userId: string | undefined,
  couponId: string | undefined,
): Loaded<Quote | undefined> & { readonly isCurrent: boolean } => {
  const asked = JSON.stringify({
    userId,
    products: basket.value.map(({ product: { productId }, quantity }) => ({ productId, quantity })),
    ...(couponId !== undefined && { couponId }),
  })
  const [settled, setSettled] = useState(asked)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), pauseWhileChangingMs)
    return () => clearTimeout(timer)
  }, [asked])
  const loaded = useLoad(async () => {
    const body = JSON.parse(settled)
    return body.userId === undefined || body.products.length === 0
      ? undefined
      : shop.post('/api/orders/quote', { body })
  }, [settled])
  return { ...loaded, isCurrent: settled === asked && !loaded.isLoading }
}
