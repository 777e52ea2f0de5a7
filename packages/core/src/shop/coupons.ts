import { type CreateCoupon, createCoupon } from '../commands/coupon/create-coupon.js'
import { type IssueCoupon, issueCoupon } from '../commands/coupon/issue-coupon.js'
import { type UpdateCoupon, updateCoupon } from '../commands/coupon/update-coupon.js'
import type { Outcome } from '../engine/outcome.js'
import {
  type ClaimableCouponView,
  type Coupon,
  type CouponView,
  claimableCouponView,
  couponView,
  type IssuedCouponView,
  type OwnedCouponView,
  ownedCouponView,
} from '../model/coupon.js'
import { id, pageFields } from '../shared/check.js'
import type { Position } from '../store/reads.js'
import { asOutcome, type CallOptions, type Execute, never, type Run } from './calls.js'
import { oneMore, type Page, type PageQuery, pageOf } from './page.js'
import { checkQuery, mustBeKnown, type Reading, refuse } from './reading.js'

/** Input of {@link Coupons.get}. */
export interface GetCoupon {
  /** The coupon's id. */
  readonly couponId: string
}

/** Input of {@link Coupons.ofUser}. */
export interface ListCouponsOfUser extends PageQuery {
  /** The user's id. */
  readonly userId: string
}

/** First-come-first-served coupons. */
export interface Coupons {
  /**
   * Creates a coupon that users can claim, first come, first served.
   * @throws ShopRefusal INVALID_REQUEST | COUPON_ALREADY_EXISTS (the first that applies)
   * @example
   * await shop.coupons.create({
   *   couponId: 'opening',
   *   name: 'Opening',
   *   discount: { kind: 'percentage', percent: 10, maximum: 5_000 },
   *   quantity: 100,
   *   validUntil: new Date('2030-01-01T00:00:00Z'),
   * })
   */
  create(input: CreateCoupon, options?: CallOptions<CouponView>): Promise<CouponView>
  /**
   * Changes the quantity, the end or the metadata of a coupon; an earlier end closes it.
   * @throws ShopRefusal INVALID_REQUEST | COUPON_NOT_FOUND (the first that applies); INVALID_REQUEST also for a quantity
   * below the issued copies, or an end at or before the start
   * @example await shop.coupons.update({ couponId: 'opening', quantity: 200 })
   */
  update(input: UpdateCoupon, options?: CallOptions<CouponView>): Promise<CouponView>
  /**
   * Issues the user's one copy of a coupon, first come, first served: of n users who ask for a coupon of quantity q,
   * exactly min(n, q) get it. The coupon is named by its id, or by its code.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND | COUPON_NOT_FOUND | COUPON_ALREADY_ISSUED |
   * COUPON_NOT_YET_VALID | COUPON_EXPIRED | COUPON_SOLD_OUT (the first that applies)
   * @example await shop.coupons.issue({ userId, couponId }, { idempotency: { scope: userId, key } })
   */
  issue(input: IssueCoupon, options?: CallOptions<IssuedCouponView>): Promise<IssuedCouponView>
  /**
   * A coupon as an administrator sees it.
   * @throws ShopRefusal INVALID_REQUEST | COUPON_NOT_FOUND (the first that applies)
   * @example const { issued, remaining } = await shop.coupons.get({ couponId: 'opening' })
   */
  get(query: GetCoupon): Promise<CouponView>
  /**
   * All coupons, the newest first.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { items, next } = await shop.coupons.list({ limit: 50 })
   */
  list(query?: PageQuery): Promise<Page<CouponView>>
  /**
   * Coupons that can be claimed now without a code: valid by the clock and not sold out; the newest first.
   * @throws ShopRefusal INVALID_REQUEST
   * @example const { items } = await shop.coupons.claimable()
   */
  claimable(query?: PageQuery): Promise<Page<ClaimableCouponView>>
  /**
   * The coupons of a user, the newest first.
   * @throws ShopRefusal INVALID_REQUEST | USER_NOT_FOUND (policy `wallet.opens: 'by-registration'`)
   * @example const { items } = await shop.coupons.ofUser({ userId: 'mina' })
   */
  ofUser(query: ListCouponsOfUser): Promise<Page<OwnedCouponView>>
}

/** The commands of {@link Coupons} in a transaction of the caller's: a refusal is a value. */
export interface CouponsWithin {
  /** As {@link Coupons.create}, with the outcome as a value. */
  create(input: CreateCoupon, options?: CallOptions<CouponView>): Promise<Outcome<CouponView>>
  /** As {@link Coupons.update}, with the outcome as a value. */
  update(input: UpdateCoupon, options?: CallOptions<CouponView>): Promise<Outcome<CouponView>>
  /** As {@link Coupons.issue}, with the outcome as a value. */
  issue(input: IssueCoupon, options?: CallOptions<IssuedCouponView>): Promise<Outcome<IssuedCouponView>>
  /** As {@link Coupons.get}, with the outcome as a value. */
  get(query: GetCoupon): Promise<Outcome<CouponView>>
  /** As {@link Coupons.list}, with the outcome as a value. */
  list(query?: PageQuery): Promise<Outcome<Page<CouponView>>>
  /** As {@link Coupons.claimable}, with the outcome as a value. */
  claimable(query?: PageQuery): Promise<Outcome<Page<ClaimableCouponView>>>
  /** As {@link Coupons.ofUser}, with the outcome as a value. */
  ofUser(query: ListCouponsOfUser): Promise<Outcome<Page<OwnedCouponView>>>
}

const created = ({ createdAt, couponId }: Coupon): Position => ({ at: createdAt, id: couponId })

export const couponsOf = (run: Run, reading: Reading): Coupons => {
  const { reads } = reading
  return {
    create: (input, options) => run(createCoupon, input, options),
    update: (input, options) => run(updateCoupon, input, options),
    issue: (input, options) => run(issueCoupon, input, options),
    async get(query) {
      checkQuery(query, { couponId: id })
      const { couponId } = query
      return couponView((await reads.coupon(couponId)) ?? refuse({ code: 'COUPON_NOT_FOUND', couponId }))
    },
    async list(query = {}) {
      checkQuery(query, pageFields)
      return pageOf(await reads.coupons(oneMore(query)), query.limit, { item: couponView, position: created })
    },
    async claimable(query = {}) {
      checkQuery(query, pageFields)
      const rows = await reads.claimableCoupons(oneMore(query))
      return pageOf(rows, query.limit, { item: claimableCouponView, position: created })
    },
    async ofUser(query) {
      checkQuery(query, { ...pageFields, userId: id })
      const { now, found } = await reads.couponsOf(oneMore(query))
      if (found.length === 0) await mustBeKnown(query.userId, reading)
      return pageOf(found, query.limit, {
        item: ({ issued, coupon }) => ownedCouponView(issued, coupon, now),
        position: ({ issued }) => ({ at: issued.issuedAt, id: issued.couponId }),
      })
    },
  }
}

export const couponsWithin = (execute: Execute, reading: Reading): CouponsWithin => {
  const own = couponsOf(never, reading)
  return {
    create: (input, options) => execute(createCoupon, input, options),
    update: (input, options) => execute(updateCoupon, input, options),
    issue: (input, options) => execute(issueCoupon, input, options),
    get: asOutcome(own.get),
    list: asOutcome(own.list),
    claimable: asOutcome(own.claimable),
    ofUser: asOutcome(own.ofUser),
  }
}
