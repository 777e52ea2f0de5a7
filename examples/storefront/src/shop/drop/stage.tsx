import { Gauge } from '../../parts/gauge.js'
import type { Product } from '../../state/api.js'
import type { Connection } from '../../state/live-product.js'
import { number, when, words } from '../../words/words.js'
import { clockOf, type DropState } from './drop-state.js'
import { buyer } from './use-own-orders.js'

/** A countdown, its parts apart so that digits do not move. */
const Countdown = ({ ms }: { ms: number }) => {
  const { days, text } = clockOf(ms)
  return (
    <span role="timer">
      {days > 0 && <small>{words.value.drops.days(days)} </small>}
      {text}
    </span>
  )
}

const untilOf = (state: DropState): number | undefined => ('until' in state ? state.until : undefined)

const labelOf = (state: DropState): string => {
  const { stage } = words.value.drops
  const until = untilOf(state)
  if (state.kind === 'open') return until === undefined ? stage.open : stage.closesIn
  if (state.kind === 'held') return until === undefined ? stage.heldOpen : stage.held
  return stage[state.kind]
}

const hintOf = (state: DropState, closesAt: string | undefined): string => {
  const { hint } = words.value.drops
  const until = untilOf(state)
  const time = until === undefined ? undefined : when(new Date(until).toISOString())
  if (state.kind === 'waiting') return hint.waiting(time ?? '', closesAt && when(closesAt))
  if (state.kind === 'held') return time === undefined ? hint.heldOpen : hint.held(time)
  if (state.kind === 'open' && buyer() === undefined) return hint.openToBuyers
  return hint[state.kind]
}

interface StageProps {
  readonly product: Product
  readonly state: DropState
  /** In milliseconds since 1970, by the server's clock. */
  readonly now: number
  readonly whole: number
  readonly connection: Connection | undefined
}

/** The state of the drop in large letters, and the stock as it is now. Its size is the same in every state. */
export const Stage = ({ product, state, now, whole, connection }: StageProps) => {
  const { drops } = words.value
  const until = untilOf(state)
  return (
    <section class={`stage ${state.kind}`} aria-label={labelOf(state)}>
      <p class="stage-label">{labelOf(state)}</p>
      <p class="stage-big">
        {until === undefined ? drops.big[state.kind as keyof typeof drops.big] : <Countdown ms={until - now} />}
      </p>
      <p class="stage-hint">{connection === 'offline' ? drops.hint.offline : hintOf(state, product.closesAt)}</p>
      <div class="stage-stock">
        <Gauge value={product.stock} of={whole} />
        <p>
          <span>{drops.left(number(product.stock), number(whole))}</span>
          {connection === 'stream' && <span class="live">{drops.live}</span>}
          {connection === 'offline' && <span class="offline">{drops.offline}</span>}
        </p>
      </div>
      <p class="hidden" role="status">
        {labelOf(state)}
      </p>
    </section>
  )
}
