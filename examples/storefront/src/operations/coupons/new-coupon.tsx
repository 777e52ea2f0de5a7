import { Choice, Field, MomentField, MoneyField } from '../../parts/field.js'
import { Outcome } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { useAction } from '../../parts/use-action.js'
import { useCommand } from '../../parts/use-command.js'
import { go, hrefOf } from '../../state/route.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { words, zoneName } from '../../words/words.js'
import { EditorForm } from '../form/editor-form.js'
import { useEdits } from '../form/use-edits.js'
import { explaining, type Problems, useProblems } from '../form/use-problems.js'
import { ProductPicker } from './product-picker.js'
import {
  bodyOfNew,
  type CouponField,
  couponFieldOf,
  couponRuleOf,
  emptyCoupon,
  idsOf,
  newCode,
  problemsOfNew,
  type TypedCoupon,
} from './typed-coupon.js'

interface PartProps {
  readonly typed: TypedCoupon
  readonly problems: Problems<CouponField>
  readonly set: (part: Partial<TypedCoupon>) => void
}

const What = ({ typed, problems, set }: PartProps) => {
  const texts = words.value.catalog.coupons
  const { fields } = texts
  return (
    <fieldset class="group">
      <legend>{texts.what}</legend>
      <Field
        label={fields.name}
        maxLength={200}
        autocomplete="off"
        value={typed.name}
        problem={problems.name}
        onInput={(name) => set({ name })}
      />
      <Choice
        legend={texts.kind}
        name="discount-kind"
        values={['fixed', 'percentage']}
        texts={texts.kinds}
        value={typed.kind}
        onChange={(kind) => set({ kind })}
      />
      <div class="pair">
        {typed.kind === 'fixed' ? (
          <MoneyField
            key="amount"
            label={fields.amount}
            value={typed.amount}
            problem={problems.amount}
            onInput={(amount) => set({ amount })}
          />
        ) : (
          <>
            <Field
              key="percent"
              label={fields.percent}
              inputMode="numeric"
              autocomplete="off"
              value={typed.percent}
              problem={problems.percent}
              onInput={(percent) => set({ percent })}
            />
            <MoneyField
              label={fields.maximum}
              isOptional
              value={typed.maximum}
              problem={problems.maximum}
              onInput={(maximum) => set({ maximum })}
            />
          </>
        )}
      </div>
    </fieldset>
  )
}

const Who = ({ typed, problems, set }: PartProps) => {
  const { catalog } = words.value
  const texts = catalog.coupons
  const { fields } = texts
  return (
    <fieldset class="group">
      <legend>{texts.who}</legend>
      <div class="thirds">
        <Field
          label={fields.quantity}
          inputMode="numeric"
          autocomplete="off"
          value={typed.quantity}
          problem={problems.quantity}
          onInput={(quantity) => set({ quantity })}
        />
        <MomentField
          label={fields.validFrom}
          isOptional
          value={typed.validFrom}
          problem={problems.validFrom}
          hint={texts.nowHint}
          onInput={(validFrom) => set({ validFrom })}
        />
        <MomentField
          label={fields.validUntil}
          value={typed.validUntil}
          problem={problems.validUntil}
          onInput={(validUntil) => set({ validUntil })}
        />
      </div>
      <p class="soft small-print">{catalog.zone(zoneName())}</p>
      <div class="pair">
        <Field
          label={fields.code}
          isOptional
          maxLength={40}
          autocomplete="off"
          spellcheck={false}
          value={typed.code}
          problem={problems.code}
          hint={texts.codeHint}
          onInput={(code) => set({ code })}
        >
          <button type="button" onClick={() => set({ code: newCode() })}>
            {texts.makeCode}
          </button>
        </Field>
        <Field
          label={fields.couponId}
          isOptional
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          value={typed.couponId}
          problem={problems.couponId}
          hint={catalog.products.idHint}
          onInput={(couponId) => set({ couponId })}
        />
      </div>
    </fieldset>
  )
}

const Where = ({ typed, problems, set }: PartProps) => {
  const texts = words.value.catalog.coupons
  return (
    <fieldset class="group">
      <legend>{texts.where}</legend>
      <div class="pair">
        <MoneyField
          label={texts.fields.minimumOrderAmount}
          isOptional
          value={typed.minimumOrderAmount}
          problem={problems.minimumOrderAmount}
          onInput={(minimumOrderAmount) => set({ minimumOrderAmount })}
        />
        <Choice
          legend={texts.scope}
          name="coupon-scope"
          values={['all', 'some']}
          texts={texts.scopes}
          value={typed.scope}
          onChange={(scope) => set({ scope })}
        />
      </div>
      {typed.scope === 'some' && (
        <ProductPicker
          ids={idsOf(typed.productIds)}
          problem={problems.productIds}
          onChange={(ids) => set({ productIds: ids.join(' ') })}
        />
      )}
    </fieldset>
  )
}

/** The form that creates a coupon. */
export const NewCoupon = () => {
  const { catalog } = words.value
  const texts = catalog.coupons
  const { typed, changed, set, discard } = useEdits('new coupon', emptyCoupon)
  const action = useAction()
  const send = useCommand()
  const form = useProblems<CouponField, TypedCoupon>({
    typed,
    check: problemsOfNew,
    fieldOf: couponFieldOf,
    rule: couponRuleOf,
  })
  const { problems, count } = form
  const create = async () => {
    if (!form.accepts()) return
    await action.run(() =>
      explaining(form, async () => {
        const { result } = await send(bodyOfNew(typed), (client, body, headers) =>
          client.post('/api/admin/coupons', { body, headers }),
        )
        discard()
        go({ page: 'operations', place: 'coupons', id: result.couponId, search: { made: 'yes' } })
        return undefined
      }),
    )
  }
  return (
    <>
      <p class="back">
        <a href={hrefOf({ page: 'operations', place: 'coupons' })}>← {texts.all}</a>
      </p>
      <PageHeading text={texts.add} />
      <EditorForm class="card editor wide-editor" problems={form} onSubmit={create}>
        <What typed={typed} problems={problems} set={set} />
        <Who typed={typed} problems={problems} set={set} />
        <Where typed={typed} problems={problems} set={set} />
        <Outcome action={action} explain={explainedToOperator} />
        <div class={changed.length > 0 ? 'save-bar dirty' : 'save-bar'}>
          <p role="status" class="wrong">
            {count > 0 && catalog.wrong(count)}
          </p>
          <button type="submit" class="main" aria-disabled={action.isBusy}>
            {texts.create}
          </button>
        </div>
      </EditorForm>
    </>
  )
}
