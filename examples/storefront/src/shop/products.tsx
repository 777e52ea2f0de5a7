import { useEffect, useState } from 'preact/hooks'
import { Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Picture } from '../parts/picture.js'
import { Price, percentOff } from '../parts/price.js'
import { useLoad } from '../parts/use-load.js'
import type { Product } from '../state/api.js'
import { hrefOf } from '../state/route.js'
import { serverNow } from '../state/server-clock.js'
import { shop } from '../state/session.js'
import { nameOf, when, words } from '../words/words.js'
import { dropState } from './drop/drop-state.js'
import { useDrops } from './drop/use-drops.js'
import { FirstScreen } from './first-screen.js'

const size = 12
const pauseWhileTypingMs = 250

/** Whether a product can be had now, and how many of it by one person. */
const Availability = ({ product }: { product: Product }) => {
  const { products, drops } = words.value
  const { stock, opensAt, purchaseLimit } = product
  const { kind } = dropState(product, { bought: 0 }, serverNow())
  if (kind === 'closed') return <span class="stock">{drops.big.closed}</span>
  const text = kind === 'waiting' && opensAt !== undefined ? drops.opens(when(opensAt)) : products.stock(stock)
  return (
    <span class={kind !== 'waiting' && stock <= 5 ? 'stock few' : 'stock'}>
      {text}
      {purchaseLimit !== undefined && kind !== 'sold-out' && ` · ${drops.limit(purchaseLimit)}`}
    </span>
  )
}

const Card = ({ product }: { product: Product }) => {
  const { productId, name, opensAt, closesAt } = product
  const { drops } = words.value
  const isDrop = opensAt !== undefined || closesAt !== undefined
  const percent = percentOff(product)
  return (
    <li class="product">
      <a href={hrefOf({ page: isDrop ? 'drop' : 'product', productId })}>
        <Picture productId={productId} />
        {percent > 0 && <span class="chip sale">{drops.percentOff(percent)}</span>}
        <span class="name">{nameOf(name)}</span>
        <Price product={product} />
        <Availability product={product} />
      </a>
    </li>
  )
}

interface PagerProps {
  readonly page: number
  readonly pages: number
  readonly onTurn: (page: number) => void
}

const Pager = ({ page, pages, onTurn }: PagerProps) => {
  const { products } = words.value
  if (pages <= 1) return null
  return (
    <nav class="pager" aria-label={products.pages}>
      <button type="button" disabled={page === 0} onClick={() => onTurn(page - 1)}>
        {products.previous}
      </button>
      <span>{products.page(page + 1, pages)}</span>
      <button type="button" disabled={page >= pages - 1} onClick={() => onTurn(page + 1)}>
        {products.next}
      </button>
    </nav>
  )
}

export const Products = () => {
  const { products } = words.value
  const [typed, setTyped] = useState('')
  const [{ keyword, page }, setQuery] = useState({ keyword: '', page: 0 })
  useEffect(() => {
    const timer = setTimeout(() => {
      setQuery((query) => (query.keyword === typed.trim() ? query : { keyword: typed.trim(), page: 0 }))
    }, pauseWhileTypingMs)
    return () => clearTimeout(timer)
  }, [typed])
  const list = useLoad(() => {
    const query = { page, size, ...(keyword !== '' && { keyword }) }
    return shop.get('/api/products', { params: { query } })
  }, [keyword, page])
  const drops = useDrops()
  const ranking = useLoad(() => shop.get('/api/products/top', { params: { query: { limit: 5 } } }), [])
  const { data } = list
  // Nothing appears above something that is already there.
  const isComplete = [drops, ranking].every((each) => each.data !== undefined || each.failure !== undefined)
  return (
    <>
      <PageHeading text={words.value.places.products}>
        <input
          type="search"
          placeholder={products.search}
          aria-label={products.search}
          maxLength={100}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </PageHeading>
      {data && isComplete ? (
        <>
          {keyword === '' && page === 0 && <FirstScreen drops={drops} ranking={ranking} />}
          <p class="soft" role="status">
            {data.total > 0 ? products.found(data.total) : keyword === '' ? products.empty : products.nothing(keyword)}
          </p>
          <ul class="products" aria-busy={list.isLoading}>
            {data.products.map((product) => (
              <Card key={product.productId} product={product} />
            ))}
          </ul>
          <Pager
            page={page}
            pages={Math.ceil(data.total / size)}
            onTurn={(next) => setQuery({ keyword, page: next })}
          />
        </>
      ) : (
        <Pending failure={list.failure} reload={list.reload} />
      )}
    </>
  )
}
