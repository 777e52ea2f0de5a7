import { useEffect, useState } from 'preact/hooks'
import { Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Tile } from '../parts/tile.js'
import { useLoad } from '../parts/use-load.js'
import type { Product } from '../state/api.js'
import { hrefOf } from '../state/route.js'
import { shop } from '../state/session.js'
import { money, nameOf, words } from '../words/words.js'

const size = 12
const pauseWhileTypingMs = 250

const Card = ({ product }: { product: Product }) => {
  const { productId, name, price, stock } = product
  return (
    <li class="product">
      <a href={hrefOf({ page: 'product', productId })}>
        <Tile id={productId} name={name} />
        <span class="name">{nameOf(name)}</span>
        <span class="price">{money(price)}</span>
        <span class={stock <= 5 ? 'stock few' : 'stock'}>{words.value.products.stock(stock)}</span>
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

const TopFive = () => {
  const { products } = words.value
  const { data } = useLoad(() => shop.get('/api/products/top', { params: { query: { limit: 5 } } }), [])
  return (
    <section class="card top-five">
      <h2>{products.top}</h2>
      {data && (
        <p class="soft">{data.products.length === 0 ? products.topEmpty : products.topHint(data.from, data.to)}</p>
      )}
      <ol>
        {data?.products.map(({ productId, rank, name, price, sold }) => (
          <li key={productId}>
            <span class="rank">{rank}</span>
            <a href={hrefOf({ page: 'product', productId })}>{nameOf(name)}</a>
            <span class="soft">{products.sold(sold)}</span>
            <span class="price">{money(price)}</span>
          </li>
        ))}
      </ol>
    </section>
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
  const { data } = list
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
      {data ? (
        <>
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
      {data && <TopFive />}
    </>
  )
}
