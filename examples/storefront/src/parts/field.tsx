import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'
import { hasFractions, words } from '../words/words.js'

type InputProps = Pick<
  JSX.HTMLAttributes<HTMLInputElement> & JSX.InputHTMLAttributes<HTMLInputElement>,
  | 'type'
  | 'inputMode'
  | 'pattern'
  | 'maxLength'
  | 'min'
  | 'max'
  | 'list'
  | 'placeholder'
  | 'autocomplete'
  | 'spellcheck'
  | 'step'
>

interface FieldProps extends InputProps {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** Whether the label says that it may be empty. */
  readonly isOptional?: boolean
  /** @default whether it is not optional */
  readonly isRequired?: boolean
  /** What is wrong with the value, beside the input. */
  readonly problem?: string | undefined
  readonly hint?: string | undefined
  /** Buttons beside the input. */
  readonly children?: ComponentChildren
}

/** An input with its label. */
export const Field = (props: FieldProps) => {
  const { label, value, onInput, isOptional = false, isRequired = !isOptional, children, ...rest } = props
  const { problem, hint, ...input } = rest
  const field = useId()
  const isDescribed = problem !== undefined || hint !== undefined
  return (
    <div class="field">
      <label for={field}>
        {label}
        {isOptional && ` (${words.value.books.optional})`}
      </label>
      <div class="input">
        <input
          id={field}
          required={isRequired}
          aria-invalid={problem !== undefined}
          aria-describedby={isDescribed ? `${field}-about` : undefined}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
          {...input}
        />
        {children}
      </div>
      {isDescribed && (
        <p id={`${field}-about`} class={problem === undefined ? 'about' : 'about wrong'}>
          {problem ?? hint}
        </p>
      )}
    </div>
  )
}

interface ReferenceFieldProps {
  readonly value: string
  readonly onInput: (value: string) => void
}

/** The caller's own name for a request, which the shop accepts once. */
export const ReferenceField = (props: ReferenceFieldProps) => (
  <Field
    label={words.value.books.reference}
    isOptional
    pattern="[!-~]{1,200}"
    maxLength={200}
    autocomplete="off"
    spellcheck={false}
    {...props}
  />
)

interface ReasonFieldProps extends ReferenceFieldProps {
  readonly isOptional?: boolean
}

export const ReasonField = ({ isOptional = true, ...props }: ReasonFieldProps) => (
  <Field label={words.value.books.reason} isOptional={isOptional} maxLength={200} autocomplete="off" {...props} />
)

type MoneyFieldProps = Pick<FieldProps, 'label' | 'value' | 'onInput' | 'isOptional' | 'problem' | 'hint' | 'children'>

/** An amount of money, with or without thousands separators, and with decimals if the currency has some. */
export const MoneyField = (props: MoneyFieldProps) => (
  <Field
    inputMode={hasFractions.value ? 'decimal' : 'numeric'}
    pattern={hasFractions.value ? '[0-9,]{1,21}([.][0-9]*)?' : '[0-9,]{1,21}'}
    autocomplete="off"
    {...props}
  />
)

/** A moment in the reader's time zone, `YYYY-MM-DDThh:mm`. */
export const MomentField = (props: MoneyFieldProps) => (
  <Field type="datetime-local" min="1970-01-02T00:00" max="9999-12-30T23:59" step="any" {...props} />
)

/** The whole number that was typed. Undefined if it is none. */
export const amountOf = (typed: string): number | undefined => {
  const amount = Number(typed.replaceAll(',', ''))
  return typed !== '' && Number.isSafeInteger(amount) ? amount : undefined
}

interface ChoiceProps<Value extends string> {
  readonly legend: string
  readonly name: string
  readonly values: readonly Value[]
  readonly texts: Readonly<Record<Value, string>>
  readonly value: Value
  readonly onChange: (value: Value) => void
}

/** One of a few values, as radio buttons beside each other. */
export const Choice = <Value extends string>({ legend, name, values, texts, value, onChange }: ChoiceProps<Value>) => (
  <fieldset class="choice">
    <legend>{legend}</legend>
    <div>
      {values.map((each) => (
        <label key={each}>
          <input type="radio" name={name} value={each} checked={each === value} onChange={() => onChange(each)} />
          <span>{texts[each]}</span>
        </label>
      ))}
    </div>
  </fieldset>
)
