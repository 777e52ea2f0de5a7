import { changeStock } from '../commands/catalog/change-stock.js'
import { createProduct } from '../commands/catalog/create-product.js'
import { updateProduct } from '../commands/catalog/update-product.js'
import { createCoupon } from '../commands/coupon/create-coupon.js'
import { issueCoupon } from '../commands/coupon/issue-coupon.js'
import { updateCoupon } from '../commands/coupon/update-coupon.js'
import { acknowledgeLoss } from '../commands/history/acknowledge-loss.js'
import { cancelOrder } from '../commands/order/cancel-order.js'
import { expireOrder } from '../commands/order/expire-order.js'
import { placeOrder } from '../commands/order/place-order.js'
import { updateOrder } from '../commands/order/update-order.js'
import { redeliverEvent } from '../commands/outbox/redeliver-event.js'
import { payOrder } from '../commands/payment/pay-order.js'
import { refundOrder } from '../commands/payment/refund-order.js'
import { adjustBalance } from '../commands/wallet/adjust-balance.js'
import { chargeBalance } from '../commands/wallet/charge-balance.js'
import { grantBonus } from '../commands/wallet/grant-bonus.js'
import { registerUser } from '../commands/wallet/register-user.js'
import { withdrawBalance } from '../commands/wallet/withdraw-balance.js'

/** Every command of the face, by noun and method. Idempotency keys are compared by the names of these commands. */
export const commands = {
  users: { register: registerUser },
  balance: {
    charge: chargeBalance,
    grant: grantBonus,
    withdraw: withdrawBalance,
    adjust: adjustBalance,
  },
  products: { create: createProduct, update: updateProduct, changeStock },
  coupons: { create: createCoupon, update: updateCoupon, issue: issueCoupon },
  orders: { place: placeOrder, update: updateOrder, cancel: cancelOrder, expire: expireOrder, refund: refundOrder },
  payments: { pay: payOrder },
  outbox: { redeliver: redeliverEvent },
  history: { acknowledge: acknowledgeLoss },
} as const
