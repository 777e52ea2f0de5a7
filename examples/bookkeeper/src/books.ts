import type { Shop, Statement } from '@shop/core'

/** A payment that the provider has received. It notifies of each payment until it is acknowledged. */
export interface ReceivedPayment {
  readonly paymentId: string
  readonly userId: string
  readonly amount: number
}

/** A unit of a paid order that the buyer sends back. */
interface ReturnedUnit {
  readonly orderId: string
  readonly productId: string
}

/** Credits a payment once, however often and however late its notification comes: its id is the reference. */
export const creditPayment = (shop: Shop, { paymentId, userId, amount }: ReceivedPayment) =>
  shop.balance.charge({ userId, amount, reference: paymentId, metadata: { provider: 'example-pay' } })

/** Corrects a charge to what the bank statement says. The wrong entry stays, and the new one says why. */
export const correctPayment = async (shop: Shop, paymentId: string, received: number) => {
  const { items } = await shop.balance.entries({ kind: 'charge', reference: paymentId })
  const [charged] = items
  if (!charged) throw new Error(`no charge has the reference ${paymentId}`)
  return shop.balance.adjust({
    userId: charged.userId,
    change: received - charged.amount,
    reason: `The bank received ${received} for ${paymentId}`,
    reference: paymentId,
  })
}

/** Grants each user one welcome bonus: the reference names the user. */
export const welcome = (shop: Shop, userId: string, expiresAt: Date) =>
  shop.balance.grant({ userId, amount: 3_000, expiresAt, reason: 'Welcome', reference: `welcome-${userId}` })

/** Takes one damaged unit back. Nobody can sell it again, so it is written off. */
const takeBack = (shop: Shop, returnId: string, { orderId, productId }: ReturnedUnit) =>
  shop.orders.refund({
    orderId,
    lines: [{ productId, quantity: 1 }],
    restock: false,
    reason: 'Arrived damaged',
    reference: returnId,
  })

/** One day of a shop. */
export const trade = async (shop: Shop, tomorrow: Date) => {
  const { productId } = await shop.products.create({ productId: 'mug', name: 'Mug', price: 12_000, stock: 10 })
  await welcome(shop, 'mina', tomorrow)

  const payment = { paymentId: 'pay-1', userId: 'mina', amount: 40_000 }
  const [first, again] = await Promise.all([creditPayment(shop, payment), creditPayment(shop, payment)])

  await creditPayment(shop, { paymentId: 'pay-2', userId: 'joon', amount: 50_000 })
  const corrected = await correctPayment(shop, 'pay-2', 5_000)

  const basket = { userId: 'mina', products: [{ productId, quantity: 3 }] }
  const quote = await shop.orders.quote(basket)
  const { orderId } = await shop.orders.place({ ...basket, reference: 'basket-1' })
  await shop.payments.pay({ userId: 'mina', orderId })
  const order = await takeBack(shop, 'return-1', { orderId, productId })

  return { isCreditedOnce: first.entryId === again.entryId, corrected, quote, order }
}

/** The statement as text: what all users had, what moved, what they have now, and what was sold. */
export const printed = ({ from, to, opening, movements, closing, products }: Statement): string => {
  const rows: readonly (readonly [string, number])[] = [
    ['opening', opening],
    ...movements.filter(({ amount }) => amount !== 0).map(({ kind, amount }) => [kind, amount] as const),
    ['closing', closing],
    ...products.map((each) => [`${each.productId} sold`, each.soldAmount - each.refundedAmount] as const),
  ]
  const line = ([name, amount]: readonly [string, number]) => `${name.padEnd(12)}${String(amount).padStart(10)}`
  return [from === to ? from : `${from} to ${to}`, ...rows.map(line)].join('\n')
}
