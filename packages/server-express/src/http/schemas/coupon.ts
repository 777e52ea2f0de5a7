import type { ClaimableCouponView, CouponView, Discount, IssuedCouponView, OwnedCouponView } from '@shop/core'
import { z } from 'zod'
import {
  count,
  couponQuantity,
  discountedAmount,
  id,
  instant,
  minimumOrderAmount,
  money,
  name,
  newName,
  percent,
  time,
} from './fields.js'
import { answers, requests } from './registries.js'

const discount: z.ZodType<Discount, Discount> = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fixed'), amount: discountedAmount }),
    z.strictObject({ kind: z.literal('percentage'), percent, maximum: discountedAmount.optional() }),
  ])
  .register(answers, { id: 'Discount' })

export const createCoupon = z
  .strictObject({
    couponId: id.meta({ description: 'Made by the server where it is left out' }).optional(),
    name: newName,
    discount,
    quantity: couponQuantity.meta({ description: 'How many users can get it' }),
    validFrom: instant.meta({ description: 'Now, where it is left out' }).optional(),
    validUntil: instant,
    minimumOrderAmount: minimumOrderAmount.optional(),
  })
  .meta({
    examples: [
      {
        name: 'Opening',
        discount: { kind: 'percentage', percent: 10, maximum: 5_000 },
        quantity: 100,
        validUntil: '2030-01-01T00:00:00.000Z',
      },
    ],
  })
  .register(requests, { id: 'CreateCoupon' })

export const updateCoupon = z
  .strictObject({
    quantity: couponQuantity.optional(),
    validUntil: instant.meta({ description: 'An earlier end closes the coupon' }).optional(),
  })
  .meta({ examples: [{ quantity: 200 }] })
  .register(requests, { id: 'UpdateCoupon' })

export const issueCoupon = z
  .strictObject({ userId: id, couponId: id })
  .meta({ examples: [{ userId: 'user-1', couponId: 'opening' }] })
  .register(requests, { id: 'IssueCoupon' })

const issued = {
  userId: id,
  couponId: id,
  name,
  discount,
  status: z.enum(['issued', 'used', 'expired']),
  issuedAt: time,
  validFrom: time,
  validUntil: time,
}

export const issuedCoupon: z.ZodType<IssuedCouponView> = z
  .strictObject(issued)
  .register(answers, { id: 'IssuedCoupon' })

const ownedCoupon: z.ZodType<OwnedCouponView> = z
  .strictObject({ ...issued, usedByOrderId: id.nullable() })
  .register(answers, { id: 'OwnedCoupon' })

const claimable = {
  couponId: id,
  name,
  discount,
  quantity: count,
  remaining: count,
  validFrom: time,
  validUntil: time,
  minimumOrderAmount: money.nullable(),
}

const claimableCoupon: z.ZodType<ClaimableCouponView> = z
  .strictObject(claimable)
  .register(answers, { id: 'ClaimableCoupon' })

export const coupon: z.ZodType<CouponView> = z
  .strictObject({ ...claimable, issued: count })
  .register(answers, { id: 'Coupon' })

const nextCursor = z.string().nullable()

export const ownedCoupons = z
  .strictObject({ coupons: z.array(ownedCoupon), nextCursor })
  .register(answers, { id: 'OwnedCoupons' })

export const claimableCoupons = z
  .strictObject({ coupons: z.array(claimableCoupon), nextCursor })
  .register(answers, { id: 'ClaimableCoupons' })

export const coupons = z.strictObject({ coupons: z.array(coupon), nextCursor }).register(answers, { id: 'Coupons' })
