import type { AnswerOf } from '@shop/server-express/client'
import { Picture } from '../parts/picture.js'
import type { Loaded } from '../parts/use-load.js'
import type { Drops } from '../state/api.js'
import { hrefOf } from '../state/route.js'
import { date, money, nameOf, words } from '../words/words.js'
import { DropCard } from './drop/drop-card.js'

export type Ranking = AnswerOf<'get', '/api/products/top'>

const TopFive = ({ ranking }: { ranking: Ranking }) => {
  const { products, drops } = words.value
  return (
    <section class="top-five">
      <h2>{drops.popular}</h2>
      {ranking.products.length === 0 && <p class="card no-sales soft">{products.topEmpty}</p>}
      <ol class="card">
        {ranking.products.map(({ productId, rank, name, price, sold }) => (
          <li key={productId}>
            <span class="rank">{rank}</span>
            <Picture productId={productId} isFirst />
            <a href={hrefOf({ page: 'product', productId })}>{nameOf(name)}</a>
            <span class="soft">{products.sold(sold)}</span>
            <span class="price">{money(price)}</span>
          </li>
        ))}
      </ol>
      {ranking.products.length > 0 && <p class="soft">{products.topHint(date(ranking.from), date(ranking.to))}</p>}
    </section>
  )
}

/** The first drop that is not sold out, and what sells best. What could not be loaded is left out. */
export const FirstScreen = ({ drops, ranking }: { drops: Loaded<Drops>; ranking: Loaded<Ranking> }) => {
  const texts = words.value.drops
  const all = drops.data?.products ?? []
  const next = all.find(({ stock }) => stock > 0) ?? all[0]
  return (
    <div class={next ? 'first-screen' : 'first-screen alone'}>
      {next && (
        <section class="next-drop" aria-labelledby="next-drop">
          <h2 id="next-drop">
            {texts.next}
            {all.length > 1 && <a href={hrefOf({ page: 'drops' })}>{texts.all}</a>}
          </h2>
          <DropCard product={next} isWide />
        </section>
      )}
      {ranking.data && <TopFive ranking={ranking.data} />}
    </div>
  )
}
