import { isId } from '@shop/core'
import {
  accept,
  type Change,
  changeStock,
  checkFields,
  createProduct,
  defineCommand,
  grantBonus,
  id,
  put,
} from '@shop/core/commands'

export interface GiveStamp {
  readonly userId: string
}

export interface StampCard {
  /** Stamps on the card: 0 to 9. */
  readonly stamps: number
  /** The bonus money that this stamp has earned; 0 for most. */
  readonly bonus: number
}

const fullCard = 10
const reward = 5_000

/** The card is a row of the shop: a product that is never listed, whose stock is the number of stamps. */
const cardOf = (userId: string): string => `stamp-card:${userId}`

const unlisted = (change: Change): Change =>
  'put' in change && change.put === 'products' ? put('products', { ...change.row, listed: false }) : change

/**
 * A command of one's own: a stamp for a visit. The tenth empties the card and grants bonus money, in one transaction, under
 * the same locks, however many tills stamp at once. It is made of the deciders of the shop's own commands.
 * Refused: INVALID_REQUEST, and for the tenth stamp BALANCE_LIMIT_EXCEEDED, BONUS_LOTS_EXCEEDED.
 */
export const giveStamp = defineCommand<GiveStamp, StampCard>({
  name: 'give-stamp',
  refusals: ['USER_NOT_FOUND', 'BALANCE_LIMIT_EXCEEDED', 'BONUS_LOTS_EXCEEDED'],
  check(input) {
    const errors = checkFields(input, { userId: id })
    if (errors.length > 0 || isId(cardOf(input.userId))) return errors
    return [{ path: 'userId', message: 'is too long for a stamp card' }]
  },
  keys: ({ userId }) => ({ lock: { products: [cardOf(userId)], wallets: [userId] } }),
  decide(facts, { userId }, context) {
    const productId = cardOf(userId)
    const stamps = facts.product(productId)?.stock
    if (stamps === undefined) {
      const name = `Stamp card of ${userId}`
      const opened = createProduct.decide(facts, { productId, name, price: 0, stock: 1 }, context)
      return opened.ok ? accept({ stamps: 1, bonus: 0 }, opened.changes.map(unlisted)) : opened
    }
    const isFull = stamps + 1 === fullCard
    const stamped = changeStock.decide(facts, { productId, change: isFull ? -stamps : 1 }, context)
    if (!stamped.ok || !isFull) return stamped.ok ? accept({ stamps: stamps + 1, bonus: 0 }, stamped.changes) : stamped
    const granted = grantBonus.decide(facts, { userId, amount: reward, reason: 'ten stamps' }, context)
    return granted.ok ? accept({ stamps: 0, bonus: reward }, [...stamped.changes, ...granted.changes]) : granted
  },
})
