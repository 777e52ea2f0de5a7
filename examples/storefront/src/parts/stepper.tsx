import { maxQuantity } from '../state/basket.js'
import { words } from '../words/words.js'

interface StepperProps {
  /** The item whose quantity it changes. */
  readonly label: string
  readonly value: number
  readonly minimum?: number
  readonly maximum?: number
  readonly onChange: (value: number) => void
}

export const Stepper = ({ label, value, minimum = 1, maximum = maxQuantity, onChange }: StepperProps) => {
  const { products } = words.value
  const set = (next: number) => onChange(Math.min(maximum, Math.max(minimum, next)))
  return (
    <span class="stepper">
      <button
        type="button"
        aria-label={`${products.less}: ${label}`}
        aria-disabled={value <= minimum}
        onClick={() => set(value - 1)}
      >
        −
      </button>
      <input
        inputMode="numeric"
        aria-label={`${products.quantity}: ${label}`}
        value={value}
        onChange={({ currentTarget }) => {
          const typed = Number(currentTarget.value)
          set(Number.isInteger(typed) ? typed : value)
          currentTarget.value = String(value)
        }}
      />
      <button
        type="button"
        aria-label={`${products.moreOf}: ${label}`}
        aria-disabled={value >= maximum}
        onClick={() => set(value + 1)}
      >
        +
      </button>
    </span>
  )
}
