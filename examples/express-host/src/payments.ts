import { type ChargeBalance, isShopRefusal, type Shop } from '@shop/core'
import { json, type RequestHandler } from 'express'

/** A payment that the provider has received. */
export interface ReceivedPayment extends Pick<ChargeBalance, 'userId' | 'amount'> {
  readonly paymentId: string
}

export interface PaymentProvider {
  /** Resolves with the page on which the user pays. */
  start(charge: ChargeBalance): Promise<string>
  /** Undefined if the provider did not sign this. */
  verify(notification: unknown): ReceivedPayment | undefined
  refund(paymentId: string): Promise<void>
}

/**
 * Instead of the shop's own handler, which adds to the balance without asking for money. The shop has checked that the
 * caller may charge this balance and that the body is valid.
 */
export const startPayment =
  (provider: PaymentProvider): RequestHandler =>
  async (request, response) => {
    const location = await provider.start(request.shop?.body as ChargeBalance)
    response.status(202).location(location).json({ payAt: location })
  }

/**
 * The provider notifies of each payment until it gets a 2xx, and may do so again days later. The reference credits each
 * payment once, for ever.
 */
export const receivePayment = (shop: Shop<never>, provider: PaymentProvider): readonly RequestHandler[] => [
  json(),
  async (request, response) => {
    const payment = provider.verify(request.body)
    if (!payment) return void response.sendStatus(401)
    const { paymentId, userId, amount } = payment
    try {
      await shop.balance.charge({ userId, amount, reference: paymentId })
    } catch (error) {
      // A payment that was credited with another amount is not refunded: somebody has to look.
      if (!isShopRefusal(error) || error.code === 'REFERENCE_REUSED') throw error
      await provider.refund(paymentId)
    }
    response.sendStatus(204)
  },
]
