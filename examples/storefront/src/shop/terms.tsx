import { percentOff } from '../parts/price.js'
import type { Product } from '../state/api.js'
import { serverNow } from '../state/server-clock.js'
import { money, when, words } from '../words/words.js'
import { instantOf } from './drop/drop-state.js'

/** A sale that ends later is no reason to hurry. */
const soonMs = 365 * 86_400_000

/** The hours, the limit and the sale of a product, in words. Empty for an ordinary product. */
const termsOf = (product: Product, isHoursShown: boolean): readonly string[] => {
  const { drops } = words.value
  const { opensAt, closesAt, purchaseLimit, sale } = product
  const isToOpen = (instantOf(opensAt) ?? 0) > serverNow()
  const endsSoon = (instantOf(sale?.until) ?? 0) < serverNow() + soonMs
  return [
    ...(purchaseLimit === undefined ? [] : [drops.limit(purchaseLimit)]),
    ...(isHoursShown && opensAt !== undefined && isToOpen ? [drops.opens(when(opensAt))] : []),
    ...(isHoursShown && closesAt !== undefined ? [drops.closes(when(closesAt))] : []),
    ...(sale !== undefined && percentOff(product) === 0 ? [drops.saleFrom(money(sale.price), when(sale.from))] : []),
    ...(sale !== undefined && percentOff(product) > 0 && endsSoon ? [drops.saleUntil(when(sale.until))] : []),
  ]
}

interface TermsProps {
  readonly product: Product
  /** Whether its hours are not said elsewhere. @default true */
  readonly isHoursShown?: boolean
}

/** What a buyer has to know about a product beside its price. */
export const Terms = ({ product, isHoursShown = true }: TermsProps) => {
  const terms = termsOf(product, isHoursShown)
  if (terms.length === 0) return null
  return (
    <ul class="terms">
      {terms.map((term) => (
        <li key={term}>{term}</li>
      ))}
    </ul>
  )
}
