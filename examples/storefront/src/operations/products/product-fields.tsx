import { Field, MomentField, MoneyField } from '../../parts/field.js'
import { percentOff } from '../../parts/price.js'
import { moneyOf, words, zoneName } from '../../words/words.js'
import type { Problems } from '../form/use-problems.js'
import { inMinutes, nextNoon } from '../local-time.js'
import { hasSale, type TypedTerms } from './typed-product.js'

interface FieldsProps {
  readonly typed: TypedTerms
  readonly problems: Problems<keyof TypedTerms>
  readonly set: (part: Partial<TypedTerms>) => void
}

/** When a product is sold, and how many of it one person may have. */
export const TermsFields = ({ typed, problems, set }: FieldsProps) => {
  const texts = words.value.catalog.products
  return (
    <fieldset class="group">
      <legend>{texts.terms}</legend>
      <div class="preset">
        <button type="button" onClick={() => set({ opensAt: nextNoon(), purchaseLimit: '1' })}>
          {texts.drop}
        </button>
        <span class="soft">{texts.dropHint}</span>
      </div>
      <div class="pair">
        <MomentField
          label={texts.fields.opensAt}
          isOptional
          value={typed.opensAt}
          problem={problems.opensAt}
          onInput={(opensAt) => set({ opensAt })}
        >
          <span class="quick">
            <button type="button" class="small" onClick={() => set({ opensAt: inMinutes(5) })}>
              {texts.inFive}
            </button>
            <button type="button" class="small" onClick={() => set({ opensAt: nextNoon() })}>
              {texts.noon}
            </button>
          </span>
        </MomentField>
        <MomentField
          label={texts.fields.closesAt}
          isOptional
          value={typed.closesAt}
          problem={problems.closesAt}
          onInput={(closesAt) => set({ closesAt })}
        />
        <Field
          label={texts.fields.purchaseLimit}
          isOptional
          inputMode="numeric"
          autocomplete="off"
          value={typed.purchaseLimit}
          problem={problems.purchaseLimit}
          onInput={(purchaseLimit) => set({ purchaseLimit })}
        />
      </div>
      <p class="soft small-print">
        {texts.termsHint} {words.value.catalog.zone(zoneName())}
      </p>
    </fieldset>
  )
}

/** A lower price for a time. */
export const SaleFields = ({ typed, problems, set }: FieldsProps) => {
  const texts = words.value.catalog.products
  const [regular, lower] = [moneyOf(typed.price), moneyOf(typed.salePrice)]
  const percent = regular === undefined || lower === undefined ? 0 : percentOff({ price: lower, regularPrice: regular })
  return (
    <fieldset class="group">
      <legend>{texts.sale}</legend>
      <div class="pair">
        <div class="lone">
          <MoneyField
            label={texts.fields.salePrice}
            value={typed.salePrice}
            problem={problems.salePrice}
            hint={percent > 0 ? texts.off(percent) : undefined}
            onInput={(salePrice) => set({ salePrice })}
          />
        </div>
        <MomentField
          label={texts.fields.saleFrom}
          value={typed.saleFrom}
          problem={problems.saleFrom}
          onInput={(saleFrom) => set({ saleFrom })}
        />
        <MomentField
          label={texts.fields.saleUntil}
          value={typed.saleUntil}
          problem={problems.saleUntil}
          onInput={(saleUntil) => set({ saleUntil })}
        />
      </div>
      <p class="soft small-print">
        {texts.saleHint}{' '}
        {hasSale(typed) && (
          <button type="button" class="link" onClick={() => set({ salePrice: '', saleFrom: '', saleUntil: '' })}>
            {texts.removeSale}
          </button>
        )}
      </p>
    </fieldset>
  )
}
