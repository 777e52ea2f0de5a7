import type { ComponentChildren } from 'preact'
import { Meter } from '../../parts/meter.js'
import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import { clockOf, instantOf } from '../../shop/drop/drop-state.js'
import type { Product } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { useServerTime } from '../../state/server-clock.js'
import { date, minute, nameOf, number, words } from '../../words/words.js'
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

const durationOf = (ms: number): string => {
  const { days, text } = clockOf(ms)
  return days > 0 ? `${words.value.drops.days(days)} ${text}` : text
}

const Fact = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
)

const Left = ({ stock }: { stock: number }) => (
  <Fact label={words.value.catalog.drops.left}>
    <span class={stock === 0 ? 'figure zero' : 'figure'}>{number(stock)}</span>
  </Fact>
)

const PriceAndLimit = ({ product }: { product: Product }) => {
  const { drops, products } = words.value.catalog
  return (
    <>
      <Fact label={drops.price}>
        <Price product={product} />
      </Fact>
      <Fact label={drops.limit}>{product.purchaseLimit ?? products.noLimit}</Fact>
    </>
  )
}

/** What a running drop has left and has sold. */
const RunningFacts = ({ product }: { product: Product }) => {
  const texts = words.value.catalog.drops
  const { productId, name, stock, opensAt } = product
  const { units, from } = useSold(productId, opensAt)
  return (
    <>
      <Meter label={texts.leftOf(nameOf(name))} value={stock} of={stock + (units ?? 0)} />
      <dl class="drop-facts">
        <Left stock={stock} />
        <Fact label={from === inDays(0) ? texts.soldToday : texts.sold(date(`${from}T00:00`))}>
          <span class="figure">{units === undefined ? '…' : number(units)}</span>
        </Fact>
        <PriceAndLimit product={product} />
      </dl>
    </>
  )
}

const ComingFacts = ({ product }: { product: Product }) => (
  <dl class="drop-facts">
    <Left stock={product.stock} />
    <PriceAndLimit product={product} />
  </dl>
)

/** A drop that runs or comes. */
export const DropCard = ({ product, isBusy, onChange }: DropCardProps) => {
  const { catalog } = words.value
  const texts = catalog.drops
  const { productId, name } = product
  const [opensAt, closesAt] = [instantOf(product.opensAt), instantOf(product.closesAt)]
  const now = useServerTime([opensAt, closesAt])
  const isWaiting = opensAt !== undefined && now < opensAt
  const label = isWaiting ? texts.opensIn : closesAt === undefined ? texts.openEnded : texts.closesIn
  const state = product.stock === 0 ? texts.soldOut : catalog.products.state.open
  const end = isWaiting ? opensAt : closesAt
  const change = isWaiting ? texts.openNow : texts.closeNow
  return (
    <li class={isWaiting ? 'card drop-row' : 'card drop-row is-open'}>
      <div class="thing">
        <Picture productId={productId} isFirst />
        <div>
          <h3>{nameOf(name)}</h3>
          <span class="soft line">
            {[
              ...(product.opensAt === undefined || !isWaiting
                ? []
                : [words.value.drops.opens(minute(product.opensAt))]),
              ...(product.closesAt === undefined ? [] : [words.value.drops.closes(minute(product.closesAt))]),
            ].join(' · ')}
          </span>
        </div>
      </div>
      <p class="drop-clock">
        <span class="soft">{label}</span>
        <b>{end === undefined ? state : durationOf(end - now)}</b>
      </p>
      {isWaiting ? <ComingFacts product={product} /> : <RunningFacts product={product} />}
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
