import { percentOff } from '../parts/price.js'
import type { Product } from '../state/api.js'
import { serverNow } from '../state/server-clock.js'
import { money, when, words } from '../words/words.js'
import { instantOf } from './drop/drop-state.js'

/** The hours, the limit and the sale of a product, in words. Empty for an ordinary product. */
export const termsOf = (product: Product): readonly string[] => {
  const { drops } = words.value
  const { opensAt, closesAt, purchaseLimit, sale } = product
  const isToOpen = (instantOf(opensAt) ?? 0) > serverNow()
  return [
    ...(purchaseLimit === undefined ? [] : [drops.limit(purchaseLimit)]),
    ...(opensAt !== undefined && isToOpen ? [drops.opens(when(opensAt))] : []),
    ...(closesAt === undefined ? [] : [drops.closes(when(closesAt))]),
    ...(sale === undefined
      ? []
      : percentOff(product) > 0
        ? [drops.saleUntil(when(sale.until))]
        : [drops.saleFrom(money(sale.price), when(sale.from))]),
  ]
}

/** What a buyer has to know about a product beside its price. */
export const Terms = ({ product }: { product: Product }) => {
  const terms = termsOf(product)
  if (terms.length === 0) return null
  return (
    <ul class="terms">
      {terms.map((term) => (
        <li key={term}>{term}</li>
      ))}
    </ul>
  )
}
