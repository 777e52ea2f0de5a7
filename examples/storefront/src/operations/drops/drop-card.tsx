import { Meter } from '../../parts/meter.js'
import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import { clockOf, instantOf } from '../../shop/drop/drop-state.js'
import type { Product } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { useServerTime } from '../../state/server-clock.js'
import { date, nameOf, number, when, words } from '../../words/words.js'
import { inDays } from '../days.js'
import { useSold } from './use-drop-board.js'

export interface DropChange {
  readonly product: Product
  readonly kind: 'opened' | 'closed'
}

interface DropCardProps {
  readonly product: Product
  readonly isBusy: boolean
  readonly onChange: (change: DropChange) => void
}

const Countdown = ({ label, ms }: { label: string; ms: number | undefined }) => {
  const { drops } = words.value
  const clock = ms === undefined ? undefined : clockOf(ms)
  return (
    <p class="drop-clock">
      <span class="soft">{label}</span>
      <b>{clock === undefined ? '–' : clock.days > 0 ? `${drops.days(clock.days)} ${clock.text}` : clock.text}</b>
    </p>
  )
}

/** What a running drop has sold, and the bar that compares it with what is left. */
const SoldCell = ({ product }: { product: Product }) => {
  const texts = words.value.catalog.drops
  const { productId, name, stock, opensAt } = product
  const { units, from } = useSold(productId, opensAt)
  const isToday = from === inDays(0)
  return (
    <div class="sold">
      <dt>{isToday ? texts.soldToday : texts.sold(date(`${from}T00:00`))}</dt>
      <dd>
        <span class="figure">{units === undefined ? '…' : number(units)}</span>
        <Meter label={texts.leftOf(nameOf(name))} value={stock} of={stock + (units ?? 0)} />
      </dd>
    </div>
  )
}

/** A drop that runs or comes. */
export const DropCard = ({ product, isBusy, onChange }: DropCardProps) => {
  const { catalog } = words.value
  const texts = catalog.drops
  const { productId, name, stock, purchaseLimit } = product
  const [opensAt, closesAt] = [instantOf(product.opensAt), instantOf(product.closesAt)]
  const now = useServerTime([opensAt, closesAt])
  const isWaiting = opensAt !== undefined && now < opensAt
  const label = isWaiting ? texts.opensIn : closesAt === undefined ? texts.openEnded : texts.closesIn
  const end = isWaiting ? opensAt : closesAt
  const change = isWaiting ? texts.openNow : texts.closeNow
  return (
    <li class={isWaiting ? 'card drop-row' : 'card drop-row runs'}>
      <div class="thing">
        <Picture productId={productId} isFirst />
        <div>
          <h3>{nameOf(name)}</h3>
          <span class="soft line">
            {[
              ...(product.opensAt === undefined || !isWaiting ? [] : [words.value.drops.opens(when(product.opensAt))]),
              ...(product.closesAt === undefined ? [] : [words.value.drops.closes(when(product.closesAt))]),
            ].join(' · ')}
          </span>
        </div>
      </div>
      <Countdown label={label} ms={end === undefined ? undefined : end - now} />
      <dl class="drop-facts">
        <div>
          <dt>{texts.left}</dt>
          <dd class={stock === 0 ? 'figure none' : 'figure'}>{number(stock)}</dd>
        </div>
        {!isWaiting && <SoldCell product={product} />}
        <div>
          <dt>{texts.price}</dt>
          <dd>
            <Price product={product} />
          </dd>
        </div>
        <div>
          <dt>{texts.limit}</dt>
          <dd>{purchaseLimit ?? catalog.products.noLimit}</dd>
        </div>
      </dl>
      <p class="row">
        <button
          type="button"
          class={isWaiting ? 'main' : undefined}
          aria-label={`${change}: ${nameOf(name)}`}
          aria-disabled={isBusy}
          onClick={() => onChange({ product, kind: isWaiting ? 'opened' : 'closed' })}
        >
          {change}
        </button>
        <a
          class="button"
          aria-label={`${catalog.edit}: ${nameOf(name)}`}
          href={hrefOf({ page: 'operations', place: 'products', id: productId })}
        >
          {catalog.edit}
        </a>
        <a href={hrefOf({ page: 'drop', productId })}>{texts.page}</a>
      </p>
    </li>
  )
}
