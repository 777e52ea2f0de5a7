import { percentOff } from '../../parts/price.js'
import type { AdminProduct } from '../../state/api.js'
import { serverNow } from '../../state/server-clock.js'
import { minute, money, words } from '../../words/words.js'

type State = 'unlisted' | 'waiting' | 'open' | 'closed' | 'always'

/** Whether a product can be ordered at `now`, in milliseconds since 1970, and why not. */
export const sellingState = ({ listed, opensAt, closesAt }: AdminProduct, now: number): State => {
  if (!listed) return 'unlisted'
  if (closesAt !== undefined && Date.parse(closesAt) <= now) return 'closed'
  if (opensAt !== undefined && Date.parse(opensAt) > now) return 'waiting'
  return opensAt === undefined && closesAt === undefined ? 'always' : 'open'
}

const chips = { unlisted: 'unlisted', waiting: 'pending', open: 'issued', closed: 'ended' } as const

/** The next moment at which something happens, or the last one. */
const hoursOf = ({ opensAt, closesAt }: AdminProduct, state: State): string => {
  const texts = words.value.catalog.products
  if (state === 'closed' && closesAt !== undefined) return texts.closed(minute(closesAt))
  if (state === 'waiting' && opensAt !== undefined) return texts.opens(minute(opensAt))
  if (closesAt !== undefined) return texts.until(minute(closesAt))
  return opensAt === undefined ? '' : texts.since(minute(opensAt))
}

/** The hours of a product, and what they mean now. */
export const SellingState = ({ product }: { product: AdminProduct }) => {
  const texts = words.value.catalog.products
  const state = sellingState(product, serverNow())
  if (state === 'always') return <span class="soft always">{texts.always}</span>
  const hours = hoursOf(product, state)
  return (
    <>
      <span class={`chip ${chips[state]}`}>{state === 'unlisted' ? texts.unlisted : texts.state[state]}</span>
      {hours !== '' && <span class="line soft">{hours}</span>}
    </>
  )
}

/** When the sale of a product begins, ends, or that it has ended. Undefined without a sale. */
export const saleText = (product: AdminProduct): string | undefined => {
  const texts = words.value.catalog.products
  const { sale } = product
  if (sale === undefined) return undefined
  if (percentOff(product) > 0) return texts.saleUntil(minute(sale.until))
  return Date.parse(sale.from) > serverNow() ? texts.saleFrom(money(sale.price), minute(sale.from)) : texts.saleEnded
}
