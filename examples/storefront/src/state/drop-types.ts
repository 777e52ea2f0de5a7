import type { components, ShopClient } from '@shop/server-express/client'

/** Fields of a product that only some products have. Times are ISO, prices in won. */
interface DropFields {
  /** What it costs without the sale. Present while a sale runs or is announced. */
  readonly regularPrice?: number
  readonly sale?: { readonly price: number; readonly from: string; readonly until: string }
  readonly opensAt?: string
  readonly closesAt?: string
  /** Units a person may have, 1 or more. */
  readonly purchaseLimit?: number
  readonly metadata?: Readonly<Record<string, string | number | boolean>>
}

export type Product = components['schemas']['Product'] & DropFields
export type ClaimableCoupon = components['schemas']['ClaimableCoupon'] & { readonly productIds?: readonly string[] }

export interface Drops {
  readonly now: string
  readonly products: readonly Product[]
}

export interface LiveProduct extends Pick<DropFields, 'opensAt' | 'closesAt'> {
  readonly productId: string
  readonly stock: number
  readonly price: number
  readonly now: string
}

export interface DropFacts {
  readonly PRODUCT_NOT_ON_SALE: {
    readonly products: readonly {
      readonly productId: string
      readonly opensAt: string | null
      readonly closesAt: string | null
    }[]
  }
  readonly PURCHASE_LIMIT_EXCEEDED: {
    readonly lines: readonly {
      readonly productId: string
      readonly limit: number
      readonly bought: number
      readonly requested: number
    }[]
  }
  readonly TOO_MANY_PENDING_ORDERS: { readonly limit: number }
  readonly COUPON_NOT_APPLICABLE: { readonly couponId: string }
}

export type DropCode = keyof DropFacts

export const readDrops = (shop: ShopClient): Promise<Drops> =>
  (shop.get as (path: string) => Promise<unknown>)('/api/drops') as Promise<Drops>

export const issueByCode = (shop: ShopClient, userId: string, code: string): Promise<{ readonly name: string }> =>
  shop.post('/api/coupon/issue', { body: { userId, code } as never }) as Promise<{ readonly name: string }>
