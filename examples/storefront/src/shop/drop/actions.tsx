import { useState } from 'preact/hooks'
import { Stepper } from '../../parts/stepper.js'
import type { Order, Product } from '../../state/api.js'
import { balance } from '../../state/balance.js'
import { mostUnits } from '../../state/basket.js'
import { hrefOf, type Route } from '../../state/route.js'
import { isChoosing, session } from '../../state/session.js'
import { money, nameOf, words } from '../../words/words.js'
import type { DropState } from './drop-state.js'
import type { Purchase } from './use-purchase.js'

/** Balances are charged in round amounts. */
const chargeUnit = 10_000

/** How much the balance is short of an amount, with a button that charges it. */
const Short = ({ amount, purchase }: { amount: number; purchase: Purchase }) => {
  const { basket, drops } = words.value
  const known = balance.value
  if (!known || known.balance >= amount) return null
  const missing = amount - known.balance
  const toCharge = Math.ceil(missing / chargeUnit) * chargeUnit
  return (
    <div class="short">
      <p>{basket.short(money(known.balance), money(missing))}</p>
      <button type="button" aria-disabled={purchase.action.isBusy} onClick={() => void purchase.charge(toCharge)}>
        {drops.charge(money(toCharge))}
      </button>
    </div>
  )
}

const Held = ({ order, purchase }: { order: Order; purchase: Purchase }) => {
  const { orders, drops } = words.value
  const { isBusy } = purchase.action
  return (
    <>
      <div class="drop-actions buttons">
        <button type="button" class="main big" aria-disabled={isBusy} onClick={() => void purchase.pay(order)}>
          {orders.pay(money(order.finalAmount))}
        </button>
        <button type="button" class="big" aria-disabled={isBusy} onClick={() => void purchase.cancel(order)}>
          {drops.button.cancel}
        </button>
      </div>
      <Short amount={order.finalAmount} purchase={purchase} />
    </>
  )
}

/** A link instead of the button, when there is nothing left to do here. */
const Onwards = ({ to, text }: { to: Route; text: string }) => (
  <p class="drop-actions">
    <a class="action big" href={hrefOf(to)}>
      {text}
    </a>
  </p>
)

interface ActionsProps {
  readonly state: DropState
  readonly product: Product
  /** A drop of the same name that is open or to open. */
  readonly nextRound: Product | undefined
  /** Units that the buyer has paid for. */
  readonly bought: number
  readonly purchase: Purchase
}

/** The one button of the page, which works only while the drop is open; with a hold, to pay or to cancel. */
export const Actions = ({ state, product, nextRound, bought, purchase }: ActionsProps) => {
  const { drops } = words.value
  const [quantity, setQuantity] = useState(1)
  const user = session.value
  if (state.kind === 'held') return <Held order={state.order} purchase={purchase} />
  if (state.kind === 'closed') {
    if (nextRound === undefined) return <Onwards to={{ page: 'drops' }} text={drops.all} />
    return <Onwards to={{ page: 'drop', productId: nextRound.productId }} text={drops.nextRound} />
  }
  if (!user || user.isAdministrator) {
    return (
      <p class="drop-actions">
        <button
          type="button"
          class="main big wide"
          onClick={() => {
            isChoosing.value = true
          }}
        >
          {user ? drops.button.shopper : drops.button.signIn}
        </button>
      </p>
    )
  }
  if (state.kind === 'yours') return <Onwards to={{ page: 'orders' }} text={drops.orders} />
  const most = mostUnits(product, bought)
  const units = Math.min(quantity, most)
  const isOpen = state.kind === 'open'
  const isBusy = purchase.action.isBusy
  return (
    <>
      <div class="drop-actions buttons">
        <button
          type="button"
          class="main big"
          aria-disabled={!isOpen || isBusy}
          onClick={() => {
            if (isOpen) void purchase.order(units)
          }}
        >
          {isBusy ? drops.button.getting : state.kind === 'sold-out' ? drops.stage['sold-out'] : drops.button.get}
        </button>
        {product.purchaseLimit !== 1 && (
          <Stepper label={nameOf(product.name)} value={units} maximum={most} onChange={setQuantity} />
        )}
      </div>
      {state.kind !== 'sold-out' && <Short amount={product.price * units} purchase={purchase} />}
    </>
  )
}
