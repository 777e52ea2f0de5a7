import { useId, useState } from 'preact/hooks'
import type { Demo, Rush } from '../state/api.js'
import { words } from '../words/words.js'

export type Plan = Pick<Rush, 'kind' | 'quantity' | 'buyers' | 'concurrency' | 'comparison'>

const first: Plan = { kind: 'coupons', quantity: 100, buyers: 5_000, concurrency: 1_000, comparison: true }

interface NumberFieldProps {
  readonly label: string
  readonly value: number
  readonly most: number
  readonly onChange: (value: number) => void
}

const NumberField = ({ label, value, most, onChange }: NumberFieldProps) => {
  const field = useId()
  return (
    <p class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        type="number"
        min={1}
        max={most}
        step={1}
        required
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </p>
  )
}

interface PlanFormProps {
  readonly most: Demo['most']
  readonly isBusy: boolean
  readonly onStart: (plan: Plan) => void
}

export const PlanForm = ({ most, isBusy, onStart }: PlanFormProps) => {
  const { lab } = words.value
  const [plan, setPlan] = useState(first)
  const change = (part: Partial<Plan>) => setPlan((before) => ({ ...before, ...part }))
  return (
    <form
      class="card plan"
      onSubmit={(event) => {
        event.preventDefault()
        onStart(plan)
      }}
    >
      <fieldset>
        <legend>{lab.kind}</legend>
        {(['coupons', 'stock'] as const).map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={plan.kind === kind}
              onChange={() => change({ kind })}
            />{' '}
            {lab.kinds[kind]}
          </label>
        ))}
      </fieldset>
      <NumberField
        label={lab.quantity}
        value={plan.quantity}
        most={most.quantity}
        onChange={(quantity) => change({ quantity })}
      />
      <NumberField
        label={lab.buyers}
        value={plan.buyers}
        most={most.buyers}
        onChange={(buyers) => change({ buyers })}
      />
      <NumberField
        label={lab.concurrency}
        value={plan.concurrency}
        most={most.concurrency}
        onChange={(concurrency) => change({ concurrency })}
      />
      <p class="check">
        <label>
          <input
            type="checkbox"
            checked={plan.comparison}
            onChange={({ currentTarget }) => change({ comparison: currentTarget.checked })}
          />{' '}
          {lab.comparison}
        </label>
        <span class="soft">{lab.comparisonHint}</span>
      </p>
      <button type="submit" class="main" disabled={isBusy}>
        {lab.start}
      </button>
    </form>
  )
}
