import { accept, checkFields, defineCommand, id, integer, put, refuse } from '@shop/core/commands'
import { z } from 'zod'
import { commandRoute } from '../../src/index.js'

interface GiveUnits {
  readonly productId: string
  readonly units: number
}

/** Adds units to a product, whose stock may not pass 60. */
const giveUnits = defineCommand<GiveUnits, { stock: number; by: unknown }>({
  name: 'give-units',
  refusals: ['PRODUCT_NOT_FOUND', 'CARD_FULL'],
  check: (input) => checkFields(input, { productId: id, units: integer(1, 100) }),
  keys: ({ productId }) => ({ lock: { products: [productId] } }),
  decide(facts, { productId, units }, { context }) {
    const product = facts.product(productId)
    if (!product) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    if (product.stock + units > 60) return refuse({ code: 'CARD_FULL', stamps: product.stock })
    const [stock, received] = [product.stock + units, product.received + units]
    return accept({ stock, by: context['till'] ?? null }, [put('products', { ...product, stock, received })])
  },
})

export const units = commandRoute({
  method: 'POST',
  path: '/api/units/{productId}',
  command: giveUnits,
  access: 'administrator',
  body: z.strictObject({ units: z.int().min(1).meta({ description: 'How many' }) }),
  response: z.strictObject({ stock: z.int(), by: z.unknown() }),
})

export interface Mine {
  readonly userId: string
}

export const tellMine = defineCommand<Mine, Mine>({
  name: 'tell-mine',
  check: (input) => checkFields(input, { userId: id }),
  keys: () => ({}),
  decide: (_facts, { userId }) => accept({ userId }, []),
})

export const userBody = z.strictObject({ userId: z.string() })
