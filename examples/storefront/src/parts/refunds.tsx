import type { Order, Refund } from '../state/api.js'
import { moment, money, nameOf, words } from '../words/words.js'

/** The units of a refund, by the names of the products. */
export const unitsOf = ({ lines }: Pick<Refund, 'lines'>, order: Order): string => {
  const names = new Map(order.lines.map(({ productId, name }) => [productId, nameOf(name)]))
  return lines.map(({ productId, quantity }) => `${names.get(productId) ?? productId} × ${quantity}`).join(', ')
}

interface RefundsProps {
  readonly order: Order
  /** Whether units went back to the stock, and the reference, are for administrators. */
  readonly isOperator?: boolean
}

/** The refunds of an order, oldest first. */
export const Refunds = ({ order, isOperator = false }: RefundsProps) => {
  const { orders, wallet } = words.value
  return (
    <ul class="refunds">
      {order.refunds?.map((refund) => {
        const { refundId, amount, bonusAmount, at, reason, reference, restocked } = refund
        return (
          <li key={refundId}>
            <div>
              <span>{unitsOf(refund, order)}</span>
              <span class="soft">
                {moment(at)}
                {reason !== null && ` · ${reason}`}
                {isOperator && ` · ${restocked ? orders.restocked : orders.writtenOff}`}
              </span>
              {isOperator && reference !== null && (
                <span class="soft">
                  {wallet.reference} <code>{reference}</code>
                </span>
              )}
            </div>
            <span class="amount">
              {money(amount)}
              {bonusAmount !== undefined && <span class="line soft">{wallet.bonusPart(money(bonusAmount))}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
