import { useEffect, useState } from 'preact/hooks'
import { FoldTable } from '../../parts/fold-table.js'
import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { Picture } from '../../parts/picture.js'
import { Price } from '../../parts/price.js'
import { useLoad } from '../../parts/use-load.js'
import type { AdminProduct } from '../../state/api.js'
import { hrefOf, type Search, show } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { nameOf, number, words } from '../../words/words.js'
import { SellingState, saleText } from './selling-state.js'

const size = 20
const pauseWhileTypingMs = 250

const Row = ({ product }: { product: AdminProduct }) => {
  const texts = words.value.catalog.products
  const { productId, name, stock, purchaseLimit } = product
  const sale = saleText(product)
  return (
    <tr>
      <td>
        <div class="thing">
          <Picture productId={productId} />
          <div>
            <a href={hrefOf({ page: 'operations', place: 'products', id: productId })}>{nameOf(name)}</a>
            <code class="line soft">{productId}</code>
          </div>
        </div>
      </td>
      <td class="hours">
        <SellingState product={product} />
      </td>
      <td class="amount" data-label={texts.limit}>
        {purchaseLimit ?? <span class="soft no-limit">–</span>}
      </td>
      <td class={stock === 0 ? 'amount zero' : 'amount'} data-label={texts.stock}>
        {number(stock)}
      </td>
      <td class="amount">
        <Price product={product} />
        {sale !== undefined && <span class="line soft">{sale}</span>}
      </td>
    </tr>
  )
}

interface PagerProps {
  readonly page: number
  readonly pages: number
  readonly search: Search
}

const Pager = ({ page, pages, search }: PagerProps) => {
  const { products } = words.value
  if (pages <= 1) return null
  const turn = (to: number) =>
    show({ page: 'operations', place: 'products', search: { ...search, page: to === 0 ? '' : String(to) } })
  return (
    <nav class="pager" aria-label={products.pages}>
      <button type="button" disabled={page === 0} onClick={() => turn(page - 1)}>
        {products.previous}
      </button>
      <span>{products.page(page + 1, pages)}</span>
      <button type="button" disabled={page >= pages - 1} onClick={() => turn(page + 1)}>
        {products.next}
      </button>
    </nav>
  )
}

/** All products, unlisted ones too, newest first. */
export const ProductList = ({ search }: { search: Search }) => {
  const { catalog, products } = words.value
  const texts = catalog.products
  const keyword = search['keyword'] ?? ''
  const page = Number(search['page'] ?? 0) || 0
  const [typed, setTyped] = useState(keyword)
  useEffect(() => {
    if (typed.trim() === keyword) return
    const find = () => show({ page: 'operations', place: 'products', search: { keyword: typed.trim() } })
    const timer = setTimeout(find, pauseWhileTypingMs)
    return () => clearTimeout(timer)
  }, [typed, keyword])
  const list = useLoad(() => {
    const query = { page, size, ...(keyword !== '' && { keyword }) }
    return shop.get('/api/admin/products', { params: { query } })
  }, [keyword, page])
  const { data } = list
  return (
    <>
      <PageHeading text={words.value.books.places.products}>
        <div class="finder beside">
          <input
            type="search"
            placeholder={texts.search}
            aria-label={texts.search}
            maxLength={100}
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <a class="button main" href={hrefOf({ page: 'operations', place: 'products', search: { new: 'yes' } })}>
            {texts.add}
          </a>
        </div>
      </PageHeading>
      <section class="card" aria-busy={list.isLoading}>
        {data ? (
          <>
            <p class="soft found" role="status">
              {data.total > 0 ? products.found(data.total) : texts.none}
            </p>
            {data.products.length > 0 && (
              <FoldTable name="product-table">
                <thead>
                  <tr>
                    <th scope="col">{texts.product}</th>
                    <th scope="col">{texts.hours}</th>
                    <th scope="col" class="amount">
                      {texts.limit}
                    </th>
                    <th scope="col" class="amount">
                      {texts.stock}
                    </th>
                    <th scope="col" class="amount">
                      {texts.price}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {data.products.map((product) => (
                    <Row key={product.productId} product={product} />
                  ))}
                </tbody>
              </FoldTable>
            )}
          </>
        ) : (
          <Pending failure={list.failure} reload={list.reload} explain={explainedToOperator} />
        )}
      </section>
      {data && <Pager page={page} pages={Math.ceil(data.total / size)} search={search} />}
    </>
  )
}
