import { type ChangeStock, changeStock } from '../commands/catalog/change-stock.js'
import { type CreateProduct, createProduct } from '../commands/catalog/create-product.js'
import { type UpdateProduct, updateProduct } from '../commands/catalog/update-product.js'
import type { Outcome } from '../engine/outcome.js'
import {
  type AdminProductView,
  adminProductView,
  available,
  foldName,
  type ProductReading,
  type ProductView,
  productView,
  withoutOverdue,
} from '../model/product.js'
import { type RankingView, rankingView, rankingWindow } from '../model/ranking.js'
import { id, integer, optional, pageFields, text } from '../shared/check.js'
import { iso } from '../shared/instant.js'
import { defaultProductPageSize, maxKeywordLength } from '../shared/limits.js'
import type { Dated } from '../store/reads.js'
import { asOutcome, type CallOptions, type Execute, never, type Run } from './calls.js'
import { checkQuery, type Reading, refuse } from './reading.js'

/** Input of {@link Products.get} and {@link Products.find}. */
export interface GetProduct {
  /** The product's id. */
  readonly productId: string
}

/** Input of {@link Products.list} and {@link Products.listAll}. */
export interface ListProducts {
  /**
   * The page, counted from 0.
   * @default 0
   */
  readonly page?: number | undefined
  /**
   * The most products on a page, 1 to 100.
   * @default 10
   */
  readonly size?: number | undefined
  /**
   * Part of the name, in any case, at most 100 code points. Characters match literally.
   * @default all products
   */
  readonly keyword?: string | undefined
}

/** Input of {@link Products.top}. */
export interface ListTopProducts {
  /**
   * The most products to show, 1 to 100.
   * @default policy `ranking.size`
   */
  readonly limit?: number | undefined
}

/** Input of {@link Products.states}. */
export interface ListProductStates {
  /** Ids of products, 1 to 1,000. */
  readonly productIds: readonly string[]
}

/** Products as of one moment. */
export interface ProductsAt {
  /** The store's time of the read: ISO 8601 in UTC. */
  readonly now: string
  /** The products. */
  readonly products: readonly ProductView[]
}

/** One page of the catalogue. */
export interface ProductPage {
  /** The products of this page, the newest first. */
  readonly products: readonly ProductView[]
  /** The page, counted from 0. */
  readonly page: number
  /** The most products on a page, 1 to 100. */
  readonly size: number
  /** The number of products on all pages. */
  readonly total: number
}

/** One page of all products, as an administrator sees it. */
export interface AdminProductPage extends Omit<ProductPage, 'products'> {
  /** The products of this page, the newest first. */
  readonly products: readonly AdminProductView[]
}

/** The catalogue. */
export interface Products {
  /**
   * Puts a product into the catalogue, listed.
   * @throws ShopRefusal INVALID_REQUEST | PRODUCT_ALREADY_EXISTS (the first that applies)
   * @example await shop.products.create({ productId: 'mug', name: 'Mug', price: 9_000, stock: 100 })
   */
  create(input: CreateProduct, options?: CallOptions<AdminProductView>): Promise<AdminProductView>
  /**
   * Changes the name, the price, the listing, the hours, the sale, the purchase limit or the metadata of a product. Orders
   * keep the name, the price and the limit they were placed with.
   * @throws ShopRefusal INVALID_REQUEST | PRODUCT_NOT_FOUND (the first that applies); INVALID_REQUEST also if the product
   * would close before it opens, the sale end before it begins, or the sale price not be below the regular one
   * @example await shop.products.update({ productId: 'mug', price: 8_500 })
   */
  update(input: UpdateProduct, options?: CallOptions<AdminProductView>): Promise<AdminProductView>
  /**
   * Adds units to the stock of a product, or takes units out that no order holds.
   * @throws ShopRefusal INVALID_REQUEST | PRODUCT_NOT_FOUND | STOCK_INSUFFICIENT (the first that applies)
   * @example await shop.products.changeStock({ productId: 'mug', change: 20 })
   */
  changeStock(input: ChangeStock, options?: CallOptions<AdminProductView>): Promise<AdminProductView>
  /**
   * A listed product, with the stock that can be ordered now. Counts a view if policy `catalog.countViews` includes it.
   * @throws ShopRefusal INVALID_REQUEST | PRODUCT_NOT_FOUND | PRODUCT_SOLD_OUT (policy `catalog.soldOut: 'refused'`)
   * @example const { stock } = await shop.products.get({ productId: 'mug' })
   */
  get(query: GetProduct): Promise<ProductView>
  /**
   * A product as an administrator sees it, unlisted ones included. Counts no view.
   * @throws ShopRefusal INVALID_REQUEST | PRODUCT_NOT_FOUND (the first that applies)
   * @example const { listed } = await shop.products.find({ productId: 'mug' })
   */
  find(query: GetProduct): Promise<AdminProductView>
  /**
   * Listed products, the newest first. Counts views if policy `catalog.countViews` includes them.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { products, total } = await shop.products.list({ keyword: 'mug', size: 20 })
   */
  list(query?: ListProducts): Promise<ProductPage>
  /**
   * All products as an administrator sees them, unlisted ones included, the newest first. Counts no views.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const hidden = (await shop.products.listAll()).products.filter(({ listed }) => !listed)
   */
  listAll(query?: ListProducts): Promise<AdminProductPage>
  /**
   * Listed products that have a time to open or to close and have not closed: by the time they open, then by id, at most
   * 100. Sold-out ones are among them. Counts no views.
   * @example const { now, products } = await shop.products.drops()
   */
  drops(): Promise<ProductsAt>
  /**
   * The listed ones of these products, in the order of their first id, as of one moment. Counts no views.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { now, products } = await shop.products.states({ productIds: ['mug', 'lamp'] })
   */
  states(query: ListProductStates): Promise<ProductsAt>
  /**
   * The popular products as last computed, with current names and prices.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { products } = await shop.products.top({ limit: 3 })
   */
  top(query?: ListTopProducts): Promise<RankingView>
}

/** The commands of {@link Products} in a transaction of the caller's: a refusal is a value. */
export interface ProductsWithin {
  /** As {@link Products.create}, with the outcome as a value. */
  create(input: CreateProduct, options?: CallOptions<AdminProductView>): Promise<Outcome<AdminProductView>>
  /** As {@link Products.update}, with the outcome as a value. */
  update(input: UpdateProduct, options?: CallOptions<AdminProductView>): Promise<Outcome<AdminProductView>>
  /** As {@link Products.changeStock}, with the outcome as a value. */
  changeStock(input: ChangeStock, options?: CallOptions<AdminProductView>): Promise<Outcome<AdminProductView>>
  /** As {@link Products.get}, with the outcome as a value. */
  get(query: GetProduct): Promise<Outcome<ProductView>>
  /** As {@link Products.find}, with the outcome as a value. */
  find(query: GetProduct): Promise<Outcome<AdminProductView>>
  /** As {@link Products.list}, with the outcome as a value. */
  list(query?: ListProducts): Promise<Outcome<ProductPage>>
  /** As {@link Products.listAll}, with the outcome as a value. */
  listAll(query?: ListProducts): Promise<Outcome<AdminProductPage>>
  /** As {@link Products.drops}, with the outcome as a value. */
  drops(): Promise<Outcome<ProductsAt>>
  /** As {@link Products.states}, with the outcome as a value. */
  states(query: ListProductStates): Promise<Outcome<ProductsAt>>
  /** As {@link Products.top}, with the outcome as a value. */
  top(query?: ListTopProducts): Promise<Outcome<RankingView>>
}

const keywordText = text(maxKeywordLength)

const listFields = {
  page: optional(integer(0, Number.MAX_SAFE_INTEGER)),
  size: pageFields.limit,
  keyword: optional((value) => (value === '' ? undefined : keywordText(value))),
}

const productIdsProblem = (value: unknown): string | undefined =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= maxStates &&
  value.every((each) => id(each) === undefined)
    ? undefined
    : `must be 1 to ${maxStates} product ids`

const maxStates = 1_000
const maxDrops = 100

export const productsOf = (run: Run, { reads, policies, currency, views }: Reading): Products => {
  const { countViews, soldOut } = policies.catalog
  const productsAt = ({ now, found }: Dated<readonly ProductReading[]>): ProductsAt => ({
    now: iso(now),
    products: found.map((product) => productView(withoutOverdue(product), { now, currency })),
  })
  const pageOf = async (
    { page = 0, size = defaultProductPageSize, keyword }: ListProducts,
    includeUnlisted: boolean,
  ) => {
    const { now, found, total } = await reads.products({
      // A page beyond everything is empty, however far beyond.
      offset: Math.min(page * size, Number.MAX_SAFE_INTEGER),
      limit: size,
      keyword: keyword === undefined || keyword === '' ? undefined : foldName(keyword),
      ...(includeUnlisted && { includeUnlisted }),
    })
    return { now, found: found.map(withoutOverdue), page: { page, size, total } }
  }
  const notFound = (productId: string) => refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
  return {
    create: (input, options) => run(createProduct, input, options),
    update: (input, options) => run(updateProduct, input, options),
    changeStock: (input, options) => run(changeStock, input, options),
    async get(query) {
      checkQuery(query, { productId: id })
      const { productId } = query
      const { now, found } = await reads.product(productId)
      const product = found?.listed ? withoutOverdue(found) : notFound(productId)
      if (countViews === 'on-detail' || countViews === 'on-both') views.count(productId)
      if (soldOut === 'refused' && available(product) <= 0) refuse({ code: 'PRODUCT_SOLD_OUT', productId })
      return productView(product, { now, currency })
    },
    async find(query) {
      checkQuery(query, { productId: id })
      const { productId } = query
      const { now, found } = await reads.product(productId)
      return adminProductView(withoutOverdue(found ?? notFound(productId)), { now, currency })
    },
    async list(query = {}) {
      checkQuery(query, listFields)
      const { now, found, page } = await pageOf(query, false)
      if (countViews === 'on-list' || countViews === 'on-both')
        for (const { productId } of found) views.count(productId)
      return { products: found.map((product) => productView(product, { now, currency })), ...page }
    },
    async listAll(query = {}) {
      checkQuery(query, listFields)
      const { now, found, page } = await pageOf(query, true)
      return { products: found.map((product) => adminProductView(product, { now, currency })), ...page }
    },
    drops: async () => productsAt(await reads.drops({ limit: maxDrops })),
    async states(query) {
      checkQuery(query, { productIds: productIdsProblem })
      const productIds = [...new Set(query.productIds)]
      const { now, found } = await reads.productsWithIds(productIds)
      const byId = new Map(found.map((product) => [product.productId, product]))
      const listed = productIds.flatMap((productId) => byId.get(productId) ?? []).filter((product) => product.listed)
      return productsAt({ now, found: listed })
    },
    async top(query = {}) {
      checkQuery(query, { limit: pageFields.limit })
      const { now, found } = await reads.ranking()
      const { size } = policies.ranking
      return rankingView(found.ranking, found.products, {
        window: rankingWindow(policies.ranking, now),
        limit: Math.min(size, query.limit ?? size),
        now,
        currency,
      })
    },
  }
}

export const productsWithin = (execute: Execute, reading: Reading): ProductsWithin => {
  const own = productsOf(never, reading)
  return {
    create: (input, options) => execute(createProduct, input, options),
    update: (input, options) => execute(updateProduct, input, options),
    changeStock: (input, options) => execute(changeStock, input, options),
    get: asOutcome(own.get),
    find: asOutcome(own.find),
    list: asOutcome(own.list),
    listAll: asOutcome(own.listAll),
    drops: asOutcome(own.drops),
    states: asOutcome(own.states),
    top: asOutcome(own.top),
  }
}
