import { useState } from 'preact/hooks'
import { Field, MoneyField } from '../../parts/field.js'
import { Outcome, Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import { useAction } from '../../parts/use-action.js'
import { useLoad } from '../../parts/use-load.js'
import type { AdminProduct } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { nameOf, words } from '../../words/words.js'
import { EditorForm } from '../form/editor-form.js'
import { SaveBar } from '../form/save-bar.js'
import { savedText } from '../form/saved-text.js'
import { useEdits } from '../form/use-edits.js'
import { explaining, useProblems } from '../form/use-problems.js'
import { SaleFields, TermsFields } from './product-fields.js'
import { SellingState, saleText, sellingState } from './selling-state.js'
import { StockForm } from './stock-form.js'
import { fieldOf, labelOf, problemsOf, ruleOf, termsOf, typedOf } from './typed-product.js'

interface PartProps {
  readonly product: AdminProduct
  readonly onChanged: (product: AdminProduct) => void
}

const ProductForm = ({ product, onChanged }: PartProps) => {
  const { catalog } = words.value
  const texts = catalog.products
  const { productId } = product
  const saved = typedOf(product)
  const { typed, changed, set, discard } = useEdits(`product ${productId}`, saved)
  const action = useAction()
  const form = useProblems({ typed, check: problemsOf, fieldOf, rule: ruleOf })
  const { problems } = form
  const save = async () => {
    if (changed.length === 0 || !form.accepts()) return
    await action.run(() =>
      explaining(form, async () => {
        const result = await shop.patch('/api/admin/products/{productId}', {
          params: { path: { productId } },
          body: { ...termsOf(typed, changed, product), ...(changed.includes('listed') && { listed: typed.listed }) },
        })
        onChanged(result)
        discard()
        return savedText({ before: saved, now: typedOf(result), changed, labelOf })
      }),
    )
  }
  return (
    <EditorForm class="card editor" problems={form} onSubmit={save}>
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
        <div class="pair">
          <MoneyField
            label={texts.fields.price}
            value={typed.price}
            problem={problems.price}
            onInput={(price) => set({ price })}
          />
          <label class="check-line">
            <input
              type="checkbox"
              checked={typed.listed}
              onChange={({ currentTarget }) => set({ listed: currentTarget.checked })}
            />
            <span>{texts.fields.listed}</span>
          </label>
        </div>
      </fieldset>
      <TermsFields typed={typed} problems={problems} set={set} />
      <SaleFields typed={typed} problems={problems} set={set} />
      <Outcome action={action} explain={explainedToOperator} />
      <SaveBar changed={changed.map(labelOf)} wrong={form.count} isBusy={action.isBusy} onDiscard={discard} />
    </EditorForm>
  )
}

/** A product as shoppers see it now. */
const Seen = ({ product }: { product: AdminProduct }) => {
  const texts = words.value.catalog.products
  const { productId, name, listed, opensAt, closesAt, purchaseLimit } = product
  const sale = saleText(product)
  const isDrop = (opensAt !== undefined || closesAt !== undefined) && sellingState(product, Date.now()) !== 'closed'
  return (
    <section class="card seen">
      <h2>{texts.seen}</h2>
      <div class="seen-product">
        <Picture productId={productId} isFirst />
        <div>
          <b>{nameOf(name)}</b>
          <Price product={product} />
          {sale !== undefined && <span class="line soft">{sale}</span>}
        </div>
      </div>
      <dl class="facts">
        <dt>{texts.hours}</dt>
        <dd>
          <SellingState product={product} />
        </dd>
        <dt>{texts.limit}</dt>
        <dd>{purchaseLimit ?? texts.noLimit}</dd>
      </dl>
      <p class="more">
        {listed ? (
          <a href={hrefOf({ page: isDrop ? 'drop' : 'product', productId })}>{texts.view}</a>
        ) : (
          <span class="soft">{texts.hidden}</span>
        )}
      </p>
    </section>
  )
}

/** One product: its terms, its stock, and how shoppers see it. */
export const ProductEditor = ({ productId, isNew }: { productId: string; isNew: boolean }) => {
  const { catalog } = words.value
  const [newest, setNewest] = useState<AdminProduct>()
  const { data, failure, reload } = useLoad(
    () => shop.get('/api/admin/products/{productId}', { params: { path: { productId } } }),
    [productId],
  )
  const product = newest ?? data
  return (
    <>
      <p class="back">
        <a href={hrefOf({ page: 'operations', place: 'products' })}>← {catalog.products.all}</a>
      </p>
      {product ? (
        <>
          <PageHeading text={nameOf(product.name)}>
            <code class="soft page-id">{productId}</code>
          </PageHeading>
          {isNew && (
            <div class="notice good" role="status">
              <p>{catalog.products.created(nameOf(product.name))}</p>
            </div>
          )}
          <div class="books product-page">
            <ProductForm product={product} onChanged={setNewest} />
            <div class="stack">
              <Seen product={product} />
              <StockForm product={product} onChanged={setNewest} />
            </div>
          </div>
        </>
      ) : (
        <>
          <PageHeading text={productId} />
          <Pending failure={failure} reload={reload} explain={explainedToOperator} />
        </>
      )}
    </>
  )
}
