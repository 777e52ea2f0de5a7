import { useState } from 'preact/hooks'
import { Choice, ReasonField, ReferenceField } from '../../parts/field.js'
import { FoldTable } from '../../parts/fold-table.js'
import { Outcome } from '../../parts/notice.js'
import { unitsOf } from '../../parts/refunds.js'
import { Stepper } from '../../parts/stepper.js'
import { useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import { useLoad } from '../../parts/use-load.js'
import type { Order } from '../../state/api.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { money, nameOf, number, words } from '../../words/words.js'
import { demandsOf, everythingLeft, leftOf, type Units, whatComesBack } from './refundable.js'

interface LinesProps {
  readonly order: Order
  readonly units: Units
  /** Undefined if nothing can be refunded. */
  readonly onChange: ((units: Units) => void) | undefined
}

const Lines = ({ order, units, onChange }: LinesProps) => {
  const texts = words.value.books.orders
  return (
    <FoldTable name="refund-lines">
      <thead>
        <tr>
          <th scope="col">{texts.product}</th>
          <th scope="col" class="amount">
            {texts.bought}
          </th>
          <th scope="col" class="amount">
            {texts.refundedUnits}
          </th>
          <th scope="col" class="amount">
            {texts.left}
          </th>
          {onChange && <th scope="col">{texts.now}</th>}
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => {
          const { productId, name, unitPrice, quantity, refundedQuantity = 0 } = line
          const left = leftOf(line)
          return (
            <tr key={productId}>
              <td>
                {nameOf(name)}
                <span class="line soft">{money(unitPrice)}</span>
              </td>
              <td class="amount" data-label={texts.bought}>
                {number(quantity)}
              </td>
              <td class="amount" data-label={texts.refundedUnits}>
                {number(refundedQuantity)}
              </td>
              <td class="amount" data-label={texts.left}>
                {number(left)}
              </td>
              {onChange && (
                <td>
                  {left > 0 ? (
                    <Stepper
                      label={nameOf(name)}
                      value={units[productId] ?? 0}
                      minimum={0}
                      maximum={left}
                      onChange={(value) => onChange({ ...units, [productId]: value })}
                    />
                  ) : (
                    <span class="soft">–</span>
                  )}
                </td>
              )}
            </tr>
          )
        })}
      </tbody>
    </FoldTable>
  )
}

/** What would come back, or that nothing is chosen yet. */
const Preview = ({ order, units }: { order: Order; units: Units }) => {
  const texts = words.value.books.orders
  const { couponId } = order
  const coupon = useLoad(
    async () =>
      couponId === null ? undefined : shop.get('/api/admin/coupons/{couponId}', { params: { path: { couponId } } }),
    [couponId],
  )
  const minimum = coupon.data?.minimumOrderAmount ?? undefined
  const comesBack = whatComesBack(order, units, minimum)
  return (
    <p class="preview" aria-live="polite">
      {comesBack === undefined ? (
        <span class="soft">{texts.choose}</span>
      ) : comesBack.withdrawn === comesBack.kept || minimum === undefined ? (
        texts.comesBack(money(comesBack.kept))
      ) : (
        texts.comesBackOr(money(comesBack.kept), money(comesBack.withdrawn), money(minimum))
      )}
    </p>
  )
}

interface RefundFormProps {
  readonly order: Order
  readonly reload: () => Promise<void>
}

const empty = { restock: 'stock' as 'stock' | 'off', reason: '', reference: '' }

/** The lines of an order, and the form that refunds units of them. */
export const RefundForm = ({ order, reload }: RefundFormProps) => {
  const { books } = words.value
  const texts = books.orders
  const [units, setUnits] = useState<Units>({})
  const [isAll, setAll] = useState(false)
  const [how, setHow] = useState(empty)
  const set = (part: Partial<typeof empty>) => setHow((before) => ({ ...before, ...part }))
  const action = useAction()
  const send = useCommand()
  const demands = demandsOf(order, units)
  const count = demands.reduce((sum, { quantity }) => sum + quantity, 0)
  const choose = (next: Units, all = false) => {
    setUnits(next)
    setAll(all)
  }
  const refund = () =>
    action.run(async () => {
      const { restock, reason, reference } = how
      const wanted = {
        ...(!isAll && { lines: demands }),
        restock: restock === 'stock',
        ...(reason !== '' && { reason }),
        ...(reference !== '' && { reference }),
      }
      const params = { path: { orderId: order.orderId } }
      try {
        const { result, isReplay } = await send(wanted, (client, body, headers) =>
          client.post('/api/orders/{orderId}/refund', { params, body, headers }),
        )
        choose({})
        setHow(empty)
        const made = result.refunds?.at(-1)
        return isReplay || !made ? books.replayed : texts.done(money(made.amount), unitsOf(made, result))
      } finally {
        await reload()
      }
    })
  const canRefund = order.status === 'paid'
  return (
    <section class="card">
      <h2>{texts.goods}</h2>
      <Lines order={order} units={units} onChange={canRefund ? (next) => choose(next) : undefined} />
      {canRefund ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (count > 0) void refund()
          }}
        >
          <p class="row">
            <button type="button" onClick={() => choose(everythingLeft(order), true)}>
              {texts.allLeft}
            </button>
            {count > 0 && (
              <button type="button" class="quiet" onClick={() => choose({})}>
                {texts.nothing}
              </button>
            )}
          </p>
          <Choice
            legend={texts.restock}
            name="restock"
            values={['stock', 'off']}
            texts={texts.restocks}
            value={how.restock}
            onChange={(restock) => set({ restock })}
          />
          <div class="pair">
            <ReasonField value={how.reason} onInput={(reason) => set({ reason })} />
            <ReferenceField value={how.reference} onInput={(reference) => set({ reference })} />
          </div>
          <Preview order={order} units={units} />
          <button type="submit" class="main" aria-disabled={action.isBusy || count === 0}>
            {count === 0 ? texts.refund : isAll ? texts.doAll : texts.doPart(count)}
          </button>
        </form>
      ) : (
        <p class="soft closed">{order.status === 'refunded' ? texts.over : texts.notPaid}</p>
      )}
      <Outcome action={action} explain={explainedToOperator} />
    </section>
  )
}
