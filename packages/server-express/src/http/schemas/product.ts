import type { AdminProductView, ProductView, RankingView } from '@shop/core'
import { z } from 'zod'
import { count, day, id, money, name, newName, price, stock, stockChange, time } from './fields.js'
import { answers, requests } from './registries.js'

export const createProduct = z
  .strictObject({
    productId: id
      .refine((productId) => productId !== 'top', { error: 'is reserved' })
      .meta({ description: 'Made by the server where it is left out; `top` is reserved' })
      .optional(),
    name: newName,
    price,
    stock,
  })
  .meta({ examples: [{ productId: 'keyboard', name: 'Keyboard', price: 10_000, stock: 10 }] })
  .register(requests, { id: 'CreateProduct' })

export const updateProduct = z
  .strictObject({ name: newName.optional(), price: price.optional(), listed: z.boolean().optional() })
  .meta({ examples: [{ price: 9_000 }, { listed: false }] })
  .register(requests, { id: 'UpdateProduct' })

export const changeStock = z
  .strictObject({ change: stockChange })
  .meta({ examples: [{ change: 5 }, { change: -5 }] })
  .register(requests, { id: 'ChangeStock' })

const shown = {
  productId: id,
  name,
  price: money,
  stock: count.meta({ description: 'What can be ordered now' }),
}

export const product: z.ZodType<ProductView> = z.strictObject(shown).register(answers, { id: 'Product' })

export const adminProduct: z.ZodType<AdminProductView> = z
  .strictObject({ ...shown, listed: z.boolean() })
  .register(answers, { id: 'AdminProduct' })

interface ProductPage {
  readonly products: readonly ProductView[]
  readonly page: number
  readonly size: number
  readonly total: number
}

export const productPage: z.ZodType<ProductPage> = z
  .strictObject({ products: z.array(product), page: count, size: count, total: count })
  .register(answers, { id: 'ProductPage' })

export const ranking: z.ZodType<RankingView> = z
  .strictObject({
    products: z.array(
      z.strictObject({
        rank: z.int().min(1),
        productId: id,
        name,
        price: money,
        sold: z.int().min(1),
        views: count,
      }),
    ),
    from: day,
    to: day,
    asOf: time.nullable().meta({ description: 'When it was computed; null before the first time' }),
  })
  .register(answers, { id: 'Ranking' })
