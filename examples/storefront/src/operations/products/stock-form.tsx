import { useState } from 'preact/hooks'
import { amountOf, Choice, Field } from '../../parts/field.js'
import { Outcome } from '../../parts/notice.js'
import { useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import type { AdminProduct } from '../../state/api.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { number, words } from '../../words/words.js'
import { useProblems } from '../form/use-problems.js'
import { isWhole } from './typed-product.js'

interface StockFormProps {
  readonly product: AdminProduct
  readonly onChanged: (product: AdminProduct) => void
}

const empty = { direction: 'add' as 'add' | 'take', units: '' }

/** Adds units to the stock, or takes units out that no order holds. */
export const StockForm = ({ product: { productId, stock }, onChanged }: StockFormProps) => {
  const { products: texts } = words.value.catalog
  const [typed, setTyped] = useState(empty)
  const action = useAction()
  const send = useCommand()
  const form = useProblems({
    typed,
    check: ({ units }) => (isWhole(units, 1) ? {} : { units: texts.changeRule }),
    fieldOf: (path) => (path === 'change' ? 'units' : undefined),
    rule: () => texts.changeRule,
  })
  const { direction, units } = typed
  const amount = isWhole(units, 1) ? (amountOf(units) ?? 0) : 0
  const change = direction === 'add' ? amount : -amount
  const submit = async () => {
    if (!form.accepts()) return
    await action.run(async () => {
      try {
        const { result, isReplay } = await send({ change }, (client, body, headers) =>
          client.post('/api/admin/products/{productId}/stock', { params: { path: { productId } }, body, headers }),
        )
        onChanged(result)
        setTyped(empty)
        return isReplay ? words.value.books.replayed : texts.changed(number(result.stock))
      } catch (error) {
        if (form.explains(error)) return undefined
        throw error
      }
    })
  }
  return (
    <section class="card">
      <h2>{texts.stockOf}</h2>
      <p class="figure">{number(stock)}</p>
      <p class="soft hint">{texts.free}</p>
      <form
        ref={form.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Choice
          legend={texts.direction}
          name="stock-direction"
          values={['add', 'take']}
          texts={texts.directions}
          value={direction}
          onChange={(next) => setTyped({ direction: next, units })}
        />
        <Field
          label={texts.change}
          inputMode="numeric"
          autocomplete="off"
          value={units}
          problem={form.problems.units}
          onInput={(next) => setTyped({ direction, units: next })}
        />
        <p class={stock + change < 0 ? 'preview problem' : 'soft preview'}>
          {texts.preview(number(stock), amount === 0 ? '…' : number(stock + change))}
        </p>
        <button type="submit" class="main" aria-disabled={action.isBusy}>
          {amount === 0
            ? texts.doChange
            : direction === 'add'
              ? texts.doAdd(number(amount))
              : texts.doTake(number(amount))}
        </button>
      </form>
      <Outcome action={action} explain={explainedToOperator} />
    </section>
  )
}
