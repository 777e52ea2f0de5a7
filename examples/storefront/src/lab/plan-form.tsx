import { useId, useState } from 'preact/hooks'
import { demo } from '../state/session.js'
import { words } from '../words/words.js'
import { type Experiment, modesOf, type Plan } from './results.js'

const first: Plan = { kind: 'stock', quantity: 100, buyers: 5_000, concurrency: 1_000 }

interface NumberFieldProps {
  readonly label: string
  readonly value: number
  readonly most: number | undefined
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
        inputMode="numeric"
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

const experiments: readonly Experiment[] = ['shops', 'http', 'race']

interface ExperimentCardProps {
  readonly experiment: Experiment
  readonly isBusy: boolean
}

/** What one button starts, or why this server cannot. */
const ExperimentCard = ({ experiment, isBusy }: ExperimentCardProps) => {
  const { lab } = words.value
  const { title, text, start } = lab.experiments[experiment]
  const possible = demo.value?.modes
  const isComplete = modesOf[experiment].every((mode) => possible?.includes(mode) ?? true)
  const isPossible = modesOf[experiment].some((mode) => possible?.includes(mode) ?? true)
  return (
    <div class="experiment">
      <h2>{title}</h2>
      <p class="soft">{isComplete ? text : lab.impossible[experiment]}</p>
      <button
        type="submit"
        value={experiment}
        class={experiment === 'shops' ? 'main' : undefined}
        disabled={isBusy || possible === undefined || !isPossible}
      >
        {start}
      </button>
    </div>
  )
}

interface PlanFormProps {
  readonly isBusy: boolean
  readonly onStart: (plan: Plan, experiment: Experiment) => void
}

export const PlanForm = ({ isBusy, onStart }: PlanFormProps) => {
  const { fields } = words.value.lab
  const [plan, setPlan] = useState(first)
  const change = (part: Partial<Plan>) => setPlan((before) => ({ ...before, ...part }))
  const most = demo.value?.most
  return (
    <form
      class="card plan"
      onSubmit={(event) => {
        event.preventDefault()
        const button = event.submitter as HTMLButtonElement | null
        onStart(plan, experiments.find((experiment) => experiment === button?.value) ?? 'shops')
      }}
    >
      <div class="plan-fields">
        <fieldset>
          <legend>{fields.kind}</legend>
          <div>
            {(['stock', 'coupons'] as const).map((kind) => (
              <label key={kind}>
                <input
                  type="radio"
                  name="kind"
                  value={kind}
                  checked={plan.kind === kind}
                  onChange={() => change({ kind })}
                />{' '}
                {fields.kinds[kind]}
              </label>
            ))}
          </div>
        </fieldset>
        {(['quantity', 'buyers', 'concurrency'] as const).map((name) => (
          <NumberField
            key={name}
            label={fields[name]}
            value={plan[name]}
            most={most?.[name]}
            onChange={(value) => change({ [name]: value })}
          />
        ))}
      </div>
      <div class={demo.value ? 'experiments' : 'experiments unknown'}>
        {experiments.map((experiment) => (
          <ExperimentCard key={experiment} experiment={experiment} isBusy={isBusy} />
        ))}
      </div>
    </form>
  )
}
