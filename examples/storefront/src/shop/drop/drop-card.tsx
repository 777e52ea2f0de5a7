import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import type { Product } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { useServerTime } from '../../state/server-clock.js'
import { nameOf, words } from '../../words/words.js'
import { Terms } from '../terms.js'
import { clockOf, dropState, instantOf } from './drop-state.js'

/** The state of a drop in a few words, with its countdown. */
const State = ({ product }: { product: Product }) => {
  const { drops } = words.value
  const now = useServerTime([instantOf(product.opensAt), instantOf(product.closesAt)])
  const state = dropState(product, { bought: 0 }, now)
  if (state.kind !== 'waiting') return <span class={`chip state ${state.kind}`}>{drops.stage[state.kind]}</span>
  const { days, text } = clockOf(state.until - now)
  return (
    <span class="chip state waiting">
      {drops.stage.waiting} <b>{days > 0 ? `${drops.days(days)} ${text}` : text}</b>
    </span>
  )
}

interface DropCardProps {
  readonly product: Product
  /** Wide: the picture beside the text. */
  readonly isWide?: boolean
}

/** A drop in a list, as one link. */
export const DropCard = ({ product, isWide = false }: DropCardProps) => {
  const { productId, name, stock } = product
  return (
    <a class={`drop-card${isWide ? ' wide' : ''}`} href={hrefOf({ page: 'drop', productId })}>
      <Picture productId={productId} isFirst />
      <span class="drop-card-text">
        <State product={product} />
        <strong class="name">{nameOf(name)}</strong>
        <Price product={product} isLarge />
        <Terms product={product} />
        {stock > 0 && <span class={stock <= 5 ? 'stock few' : 'stock'}>{words.value.products.stock(stock)}</span>}
      </span>
    </a>
  )
}
