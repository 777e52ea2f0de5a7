import { createShop, isShopRefusal } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'

export const sell = async () => {
  const shop = createShop({ store: inMemoryStore() })
  const mug = await shop.products.create({ name: 'Mug', price: 12_000, stock: 5 })
  const opening = await shop.coupons.create({
    name: 'Opening week',
    discount: { kind: 'percentage', percent: 10 },
    quantity: 100,
    validUntil: Date.now() + 7 * 86_400_000,
  })
  await shop.balance.charge({ userId: 'mina', amount: 50_000 })
  await shop.coupons.issue({ userId: 'mina', couponId: opening.couponId })
  const products = [{ productId: mug.productId, quantity: 2 }]
  const order = await shop.orders.place({ userId: 'mina', products, couponId: opening.couponId })
  const payment = await shop.payments.pay({ userId: 'mina', orderId: order.orderId })
  const refused = await shop.orders
    .place({ userId: 'joon', products: [{ productId: mug.productId, quantity: 4 }] })
    .catch((error) => isShopRefusal(error) && error.code)
  return { paid: payment.amount, balance: payment.balance, refused, audit: await shop.audit() }
}
