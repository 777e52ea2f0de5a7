import { percentOff } from '../../parts/price.js'
import type { AdminProduct } from '../../state/api.js'
import { serverNow } from '../../state/server-clock.js'
import { money, when, words } from '../../words/words.js'

type State = 'unlisted' | 'waiting' | 'open' | 'closed' | 'always'

/** Whether a product can be ordered at `now`, in milliseconds since 1970, and why not. */
export const sellingState = ({ listed, opensAt, closesAt }: AdminProduct, now: number): State => {
  if (!listed) return 'unlisted'
  if (closesAt !== undefined && Date.parse(closesAt) <= now) return 'closed'
  if (opensAt !== undefined && Date.parse(opensAt) > now) return 'waiting'
  return opensAt === undefined && closesAt === undefined ? 'always' : 'open'
}

const chips = { unlisted: 'unlisted', waiting: 'pending', open: 'issued', closed: 'ended' } as const

/** The hours of a product, and what they mean now. */
export const SellingState = ({ product }: { product: AdminProduct }) => {
  const texts = words.value.catalog.products
  const { opensAt, closesAt } = product
  const state = sellingState(product, serverNow())
  if (state === 'always') return <span class="soft">{texts.always}</span>
  const hours = [
    ...(opensAt === undefined ? [] : [state === 'waiting' ? texts.opens(when(opensAt)) : texts.since(when(opensAt))]),
    ...(closesAt === undefined ? [] : [texts.until(when(closesAt))]),
  ]
  return (
    <>
      <span class={`chip ${chips[state]}`}>{state === 'unlisted' ? texts.unlisted : texts.state[state]}</span>
      {hours.map((each) => (
        <span class="line soft" key={each}>
          {each}
        </span>
      ))}
    </>
  )
}

/** When the sale of a product begins, ends, or that it has ended. Undefined without a sale. */
export const saleText = (product: AdminProduct): string | undefined => {
  const texts = words.value.catalog.products
  const { sale } = product
  if (sale === undefined) return undefined
  if (percentOff(product) > 0) return texts.saleUntil(when(sale.until))
  return Date.parse(sale.from) > serverNow() ? texts.saleFrom(money(sale.price), when(sale.from)) : texts.saleEnded
}
