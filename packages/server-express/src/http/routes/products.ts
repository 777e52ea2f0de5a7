import { changeStock, createProduct, updateProduct } from '@shop/core/commands'
import { z } from 'zod'
import { command, page, type Route, read } from '../route.js'
import { keyword, limit, pageNumber, productPageSize } from '../schemas/fields.js'
import * as schemas from '../schemas/product.js'

const tag = 'Products'

const pageQuery = z.strictObject({
  page: pageNumber,
  size: productPageSize,
  keyword: keyword.optional().meta({ description: 'Part of the name; case is ignored' }),
})

export const productRoutes: readonly Route[] = [
  read({
    path: '/api/products',
    name: 'listProducts',
    summary: 'List products, newest first',
    tag,
    access: 'public',
    query: pageQuery,
    response: schemas.productPage,
    handle: ({ query }, { shop }) => shop.products.list(query),
  }),
  read({
    path: '/api/products/top',
    name: 'getTopProducts',
    summary: 'List the popular products',
    tag,
    access: 'public',
    query: z.strictObject({ limit: limit.optional() }),
    response: schemas.ranking,
    handle: ({ query }, { shop }) => shop.products.top(query),
  }),
  read({
    path: '/api/drops',
    name: 'listDrops',
    summary: 'List products that are or will be open for a time, the soonest first; sold-out ones stay',
    tag,
    access: 'public',
    response: schemas.drops,
    handle: (_call, { shop }) => shop.products.drops(),
  }),
  read({
    path: '/api/products/{productId}',
    name: 'getProduct',
    summary: 'Get a product and the stock that can be ordered now',
    tag,
    access: 'public',
    refusals: ['PRODUCT_NOT_FOUND', 'PRODUCT_SOLD_OUT'],
    response: schemas.product,
    handle: ({ params }, { shop }) => shop.products.get(params),
  }),
  page({
    path: '/api/products/{productId}/live',
    name: 'watchProduct',
    summary:
      'Watch the stock, the price and the hours of a product: an event `product` at once and after each change, with `productId`, `stock`, `price`, `opensAt`, `closesAt`, `now` and `currency`',
    tag,
    refusals: ['PRODUCT_NOT_FOUND'],
    response: { status: 200, contentType: 'text/event-stream' },
    handle: async ({ params }, { live }) => ({
      status: 200,
      contentType: 'text/event-stream; charset=utf-8',
      // Compression would hold events back until its block is full, and so would the buffer of nginx.
      cacheControl: 'no-store, no-transform',
      headers: { 'x-accel-buffering': 'no' },
      stream: await live.watch(params.productId),
    }),
  }),
  read({
    path: '/api/admin/products',
    name: 'listAllProducts',
    summary: 'List all products, unlisted ones included, newest first',
    tag,
    access: 'administrator',
    query: pageQuery,
    response: schemas.adminProductPage,
    handle: ({ query }, { shop }) => shop.products.listAll(query),
  }),
  read({
    path: '/api/admin/products/{productId}',
    name: 'findProduct',
    summary: 'Get a product, listed or not',
    tag,
    access: 'administrator',
    refusals: ['PRODUCT_NOT_FOUND'],
    response: schemas.adminProduct,
    handle: ({ params }, { shop }) => shop.products.find(params),
  }),
  command({
    method: 'POST',
    path: '/api/admin/products',
    name: 'createProduct',
    summary: 'Create a product',
    tag,
    access: 'administrator',
    runs: createProduct,
    body: schemas.createProduct,
    refusals: ['PRODUCT_ALREADY_EXISTS'],
    status: 201,
    response: schemas.adminProduct,
    location: ({ productId }) => `/api/products/${productId}`,
    handle: ({ body, idempotency }, { shop }) => shop.execute(createProduct, body, { idempotency }),
  }),
  command({
    method: 'PATCH',
    path: '/api/admin/products/{productId}',
    name: 'updateProduct',
    summary: 'Change a product: omitted fields stay as they are',
    tag,
    access: 'administrator',
    runs: updateProduct,
    body: schemas.updateProduct,
    refusals: ['PRODUCT_NOT_FOUND'],
    response: schemas.adminProduct,
    handle: ({ params, body }, { shop }) => shop.execute(updateProduct, { ...body, ...params }),
  }),
  command({
    method: 'POST',
    path: '/api/admin/products/{productId}/stock',
    name: 'changeStock',
    summary: 'Increase or decrease the stock of a product',
    tag,
    access: 'administrator',
    runs: changeStock,
    body: schemas.changeStock,
    refusals: ['PRODUCT_NOT_FOUND', 'STOCK_INSUFFICIENT'],
    response: schemas.adminProduct,
    handle: ({ params, body, idempotency }, { shop }) =>
      shop.execute(changeStock, { ...body, ...params }, { idempotency }),
  }),
]
