import { amountOf, Field, MoneyField } from '../../parts/field.js'
import { Outcome } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import { go, hrefOf } from '../../state/route.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { moneyOf, words } from '../../words/words.js'
import { EditorForm } from '../form/editor-form.js'
import { useEdits } from '../form/use-edits.js'
import { explaining, useProblems } from '../form/use-problems.js'
import { SaleFields, TermsFields } from './product-fields.js'
import { fieldOf, noTerms, problemsOf, ruleOf, type TypedNewProduct, termsOf } from './typed-product.js'

const empty: TypedNewProduct = { ...noTerms, productId: '', stock: '' }
const terms = ['name', 'price', 'opensAt', 'closesAt', 'purchaseLimit', 'salePrice'] as const

const bodyOf = (typed: TypedNewProduct) => ({
  ...termsOf(typed, terms),
  name: typed.name.trim(),
  price: moneyOf(typed.price) ?? 0,
  stock: amountOf(typed.stock) ?? 0,
  ...(typed.productId !== '' && { productId: typed.productId }),
})

/** The form that creates a product. */
export const NewProduct = () => {
  const { catalog } = words.value
  const texts = catalog.products
  const { typed, changed, set, discard } = useEdits('new product', empty)
  const action = useAction()
  const send = useCommand()
  const form = useProblems({ typed, check: problemsOf, fieldOf, rule: ruleOf })
  const { problems, count } = form
  const create = async () => {
    if (!form.accepts()) return
    await action.run(() =>
      explaining(form, async () => {
        const { result } = await send(bodyOf(typed), (client, body, headers) =>
          client.post('/api/admin/products', { body, headers }),
        )
        discard()
        go({ page: 'operations', place: 'products', id: result.productId, search: { made: 'yes' } })
        return undefined
      }),
    )
  }
  return (
    <>
      <p class="back">
        <a href={hrefOf({ page: 'operations', place: 'products' })}>← {texts.all}</a>
      </p>
      <PageHeading text={texts.add} />
      <EditorForm class="card editor wide-editor" problems={form} onSubmit={create}>
        <fieldset class="group">
          <legend>{texts.basics}</legend>
          <Field
            label={texts.fields.name}
            maxLength={200}
            autocomplete="off"
            value={typed.name}
            problem={problems.name}
            onInput={(name) => set({ name })}
          />
          <div class="thirds">
            <MoneyField
              label={texts.fields.price}
              value={typed.price}
              problem={problems.price}
              onInput={(price) => set({ price })}
            />
            <Field
              label={texts.fields.stock}
              inputMode="numeric"
              autocomplete="off"
              value={typed.stock}
              problem={problems.stock}
              onInput={(stock) => set({ stock })}
            />
            <Field
              label={texts.fields.productId}
              isOptional
              maxLength={64}
              autocomplete="off"
              spellcheck={false}
              value={typed.productId}
              problem={problems.productId}
              hint={texts.idHint}
              onInput={(productId) => set({ productId })}
            />
          </div>
        </fieldset>
        <TermsFields typed={typed} problems={problems} set={set} />
        <SaleFields typed={typed} problems={problems} set={set} />
        <Outcome action={action} explain={explainedToOperator} />
        <div class={changed.length > 0 ? 'save-bar dirty' : 'save-bar'}>
          <p role="status" class={count > 0 ? 'wrong' : 'soft'}>
            {count > 0 ? catalog.wrong(count) : texts.createHint}
          </p>
          <button type="submit" class="main" aria-disabled={action.isBusy}>
            {texts.create}
          </button>
        </div>
      </EditorForm>
    </>
  )
}
