import { useState } from 'preact/hooks'
import { Copyable } from '../../parts/copy.js'
import { Field, MomentField } from '../../parts/field.js'
import { Meter } from '../../parts/meter.js'
import { Outcome, Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { useAction } from '../../parts/use-action.js'
import { useLoad } from '../../parts/use-load.js'
import type { Coupon } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { moment, money, nameOf, number, words, zoneName } from '../../words/words.js'
import { EditorForm } from '../form/editor-form.js'
import { SaveBar } from '../form/save-bar.js'
import { savedText } from '../form/saved-text.js'
import { useEdits } from '../form/use-edits.js'
import { explaining, useProblems } from '../form/use-problems.js'
import { CouponState, discountOf } from './coupon-text.js'
import { changeOf, changeRuleOf, problemsOfChange, type TypedChange, typedChangeOf } from './typed-coupon.js'

/** Products of a coupon that are shown; the others are counted. */
const maxShown = 12

interface PartProps {
  readonly coupon: Coupon
  readonly onChanged: (coupon: Coupon) => void
}

const ChangeForm = ({ coupon, onChanged }: PartProps) => {
  const { catalog } = words.value
  const texts = catalog.coupons
  const { couponId } = coupon
  const saved = typedChangeOf(coupon)
  const { typed, changed, set, discard } = useEdits(`coupon ${couponId}`, saved)
  const action = useAction()
  const form = useProblems<keyof TypedChange, TypedChange>({
    typed,
    check: (next) => problemsOfChange(next, coupon),
    fieldOf: (path) => (path === 'quantity' || path === 'validUntil' ? path : undefined),
    rule: (name) => changeRuleOf(name, coupon),
  })
  const labelOf = (name: keyof TypedChange) => texts.fields[name]
  const save = async () => {
    if (changed.length === 0 || !form.accepts()) return
    await action.run(() =>
      explaining(form, async () => {
        const result = await shop.patch('/api/admin/coupons/{couponId}', {
          params: { path: { couponId } },
          body: changeOf(typed, changed, coupon),
        })
        onChanged(result)
        discard()
        return savedText({ before: saved, now: typedChangeOf(result), changed, labelOf })
      }),
    )
  }
  return (
    <EditorForm class="card editor" problems={form} onSubmit={save}>
      <fieldset class="group">
        <legend>{texts.change}</legend>
        <div class="pair">
          <Field
            label={texts.fields.quantity}
            inputMode="numeric"
            autocomplete="off"
            value={typed.quantity}
            problem={form.problems.quantity}
            onInput={(quantity) => set({ quantity })}
          />
          <MomentField
            label={texts.fields.validUntil}
            value={typed.validUntil}
            problem={form.problems.validUntil}
            onInput={(validUntil) => set({ validUntil })}
          />
        </div>
        <p class="soft small-print">{catalog.zone(zoneName())}</p>
      </fieldset>
      <Outcome action={action} explain={explainedToOperator} />
      <SaveBar changed={changed.map(labelOf)} wrong={form.count} isBusy={action.isBusy} onDiscard={discard} />
    </EditorForm>
  )
}

const ProductLinks = ({ ids }: { ids: readonly string[] }) => {
  const listed = useLoad(() => shop.get('/api/admin/products', { params: { query: { size: 100 } } }), [])
  const names = new Map(listed.data?.products.map(({ productId, name }) => [productId, nameOf(name)]))
  return (
    <>
      {ids.slice(0, maxShown).map((id) => (
        <a key={id} class="line" href={hrefOf({ page: 'operations', place: 'products', id })}>
          {names.get(id) ?? id}
        </a>
      ))}
      {ids.length > maxShown && <span class="soft">{words.value.catalog.coupons.andMore(ids.length - maxShown)}</span>}
    </>
  )
}

const Facts = ({ coupon }: { coupon: Coupon }) => {
  const texts = words.value.catalog.coupons
  const { couponId, minimumOrderAmount, productIds, validFrom, code } = coupon
  return (
    <section class="card">
      <h2>{texts.facts}</h2>
      <dl class="facts">
        <dt>{texts.discount}</dt>
        <dd>{discountOf(coupon)}</dd>
        <dt>{texts.minimumOrder}</dt>
        <dd>{minimumOrderAmount === null ? texts.noMinimum : money(minimumOrderAmount)}</dd>
        <dt>{texts.products}</dt>
        <dd>{productIds === undefined ? texts.allProducts : <ProductLinks ids={productIds} />}</dd>
        <dt>{texts.start}</dt>
        <dd>{moment(validFrom)}</dd>
        <dt>{texts.code}</dt>
        <dd>{code === undefined ? texts.noCode : <Copyable text={code} />}</dd>
        <dt>{texts.id}</dt>
        <dd>
          <code>{couponId}</code>
        </dd>
      </dl>
      <p class="soft small-print">{texts.factsHint}</p>
    </section>
  )
}

const Issued = ({ coupon: { name, issued, quantity, remaining } }: { coupon: Coupon }) => {
  const texts = words.value.catalog.coupons
  return (
    <section class="card">
      <h2>{texts.issued}</h2>
      <p class="figure">{number(issued)}</p>
      <p class="soft hint">
        {texts.of(number(quantity))}, {texts.left(number(remaining))}
      </p>
      <Meter label={`${texts.issued}: ${nameOf(name)}`} value={issued} of={quantity} />
    </section>
  )
}

/** One coupon: how much of it is issued, its terms, and the form that changes what can change. */
export const CouponEditor = ({ couponId, isNew }: { couponId: string; isNew: boolean }) => {
  const { catalog } = words.value
  const texts = catalog.coupons
  const [newest, setNewest] = useState<Coupon>()
  const { data, failure, reload } = useLoad(
    () => shop.get('/api/admin/coupons/{couponId}', { params: { path: { couponId } } }),
    [couponId],
  )
  const coupon = newest ?? data
  return (
    <>
      <p class="back">
        <a href={hrefOf({ page: 'operations', place: 'coupons' })}>← {texts.all}</a>
      </p>
      {coupon ? (
        <>
          <PageHeading text={nameOf(coupon.name)}>
            <CouponState coupon={coupon} />
          </PageHeading>
          {isNew && (
            <div class="notice good" role="status">
              <p>{texts.created(nameOf(coupon.name))}</p>
            </div>
          )}
          <div class="books product-page">
            <div class="stack">
              <Issued coupon={coupon} />
              <ChangeForm coupon={coupon} onChanged={setNewest} />
            </div>
            <Facts coupon={coupon} />
          </div>
        </>
      ) : (
        <>
          <PageHeading text={couponId} />
          <Pending failure={failure} reload={reload} explain={explainedToOperator} />
        </>
      )}
    </>
  )
}
