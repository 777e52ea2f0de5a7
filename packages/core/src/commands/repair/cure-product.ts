import { put } from '../../engine/command.js'
import type { Facts } from '../../engine/facts.js'
import type { Cure } from '../../model/repair.js'
import type { CureEffect } from './cure-effect.js'

export const cureHeld = (
  facts: Facts,
  { productId, drift }: Extract<Cure, { readonly kind: 'held' }>,
): CureEffect | undefined => {
  const product = facts.product(productId)
  if (!product) return undefined
  const held = product.held - drift
  if (held < 0 || held > product.stock) return undefined
  return {
    what: 'added up the holds of the product again',
    before: product.held,
    after: held,
    changes: [put('products', { ...product, held })],
  }
}
