import { useEffect, useState } from 'preact/hooks'
import { type Action, useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import type { Order } from '../../state/api.js'
import { refreshBalance } from '../../state/balance.js'
import { money, words } from '../../words/words.js'

export interface Purchase {
  readonly action: Action
  /** What the buyer's last step came to. */
  readonly note: string | undefined
  order(quantity: number): Promise<void>
  pay(order: Order): Promise<void>
  cancel(order: Order): Promise<void>
  charge(amount: number): Promise<void>
  /** Replaces the note: the hold has ended. */
  expire(): void
}

/** The steps of a buyer. Each press of the button is a new try with a key of its own, because a refusal is final for its key. */
export const usePurchase = (userId: string, productId: string, reload: () => Promise<void>): Purchase => {
  const action = useAction()
  const send = useCommand()
  const [note, setNote] = useState<string>()
  useEffect(() => setNote(undefined), [userId, productId])
  const step = (work: () => Promise<string>): Promise<void> => {
    setNote(undefined)
    return action.run(async () => {
      try {
        setNote(await work())
      } finally {
        // An answer may be lost after the server has decided: what the server knows counts.
        await Promise.allSettled([reload(), refreshBalance()])
      }
      return undefined
    })
  }
  const { result } = words.value.drops
  return {
    action,
    note,
    order: (quantity) =>
      step(async () => {
        const body = { userId, products: [{ productId, quantity }] }
        const sent = await send(body, (client, body, headers) => client.post('/api/orders', { body, headers }))
        const { status, finalAmount } = sent.result
        return status === 'paid' ? result.bought(money(finalAmount)) : result.held
      }),
    pay: ({ orderId }) =>
      step(async () => {
        const body = { userId, orderId }
        const sent = await send(body, (client, body, headers) => client.post('/api/payments', { body, headers }))
        return result.bought(money(sent.result.amount))
      }),
    cancel: ({ orderId }) =>
      step(async () => {
        await send({ orderId }, (client, _body, headers) =>
          client.post('/api/orders/{orderId}/cancel', { params: { path: { orderId } }, headers }),
        )
        return result.cancelled
      }),
    charge: (amount) =>
      step(async () => {
        const body = { userId, amount }
        await send(body, (client, body, headers) => client.post('/api/balance/charge', { body, headers }))
        return result.charged(money(amount))
      }),
    expire: () => setNote(result.expired),
  }
}
