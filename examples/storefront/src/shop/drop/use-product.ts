import { useEffect, useRef } from 'preact/hooks'
import { useLoad } from '../../parts/use-load.js'
import type { Product } from '../../state/api.js'
import { type Connection, useLive } from '../../state/live-product.js'
import { shop } from '../../state/session.js'

export interface WatchedProduct {
  /** Undefined until it is known. */
  readonly product: Product | undefined
  readonly failure: unknown
  readonly connection: Connection | undefined
  /** Units that the meter takes for the whole: of the drop if it says so, else the most that this page has seen. */
  readonly whole: number
  reload(): Promise<void>
}

/** A product with its live stock, price and hours. */
export const useProduct = (productId: string): WatchedProduct => {
  const { state, connection } = useLive(productId)
  const loaded = useLoad(
    (): Promise<Product> => shop.get('/api/products/{productId}', { params: { path: { productId } } }),
    [productId],
  )
  const { data, failure, reload } = loaded
  // The stream does not say all: a new price or new hours may come with another limit or sale.
  const terms = state && JSON.stringify([state.price, state.opensAt, state.closesAt])
  const isFirst = useRef(true)
  useEffect(() => {
    if (terms === undefined) return
    if (!isFirst.current) void reload()
    isFirst.current = false
  }, [terms, reload])
  const most = useRef(0)
  const { opensAt: _opensAt, closesAt: _closesAt, ...rest } = data ?? {}
  const product = data && (state ? ({ ...rest, ...state } as Product) : data)
  most.current = Math.max(most.current, product?.stock ?? 0)
  const said = Number(product?.metadata?.['dropSize'])
  return { product, failure, connection, whole: said > 0 ? said : most.current, reload }
}
