import type { IssueCoupon } from '@shop/core'
import { createCoupon, issueCoupon, updateCoupon } from '@shop/core/commands'
import { z } from 'zod'
import { positionCursor } from '../cursor.js'
import type { RouteDeps } from '../http-deps.js'
import { command, type Route, type RouteCall, read } from '../route.js'
import * as schemas from '../schemas/coupon.js'
import { pageSize } from '../schemas/fields.js'

const tag = 'Coupons'
const owned = positionCursor('owned-coupons')
const claimable = positionCursor('claimable-coupons')
const all = positionCursor('coupons')

/** What all routes that claim a coupon share. */
const claim = {
  method: 'POST',
  tag,
  access: 'user',
  runs: issueCoupon,
  userOf: ({ body }: { readonly body: { readonly userId: string } }) => body.userId,
  refusals: [
    'USER_NOT_FOUND',
    'COUPON_NOT_FOUND',
    'COUPON_ALREADY_ISSUED',
    'COUPON_NOT_YET_VALID',
    'COUPON_EXPIRED',
    'COUPON_SOLD_OUT',
  ],
  response: schemas.issuedCoupon,
} as const

const claimFor = (
  input: Pick<IssueCoupon, 'userId' | 'couponId' | 'code'>,
  { caller, idempotency }: Pick<RouteCall, 'caller' | 'idempotency'>,
  { shop }: RouteDeps,
) => shop.execute(issueCoupon, { ...input, requiresCode: !caller.isAdministrator }, { idempotency })

export const couponRoutes: readonly Route[] = [
  command({
    ...claim,
    path: '/api/coupon/issue',
    name: 'issueCoupon',
    summary: 'Claim a coupon by its id or its code, first come, first served',
    body: schemas.issueCoupon,
    handle(call, deps) {
      const { body, caller } = call
      const issue = () => claimFor(body, call, deps)
      if (body.code === undefined) return issue()
      return deps.codeAttempts.attempt(deps.auth === 'off' ? body.userId : caller.userId, issue)
    },
  }),
  command({
    ...claim,
    path: '/api/coupons/{couponId}/issue',
    name: 'issueCouponById',
    summary: 'Claim a coupon by its id: a balancer sees in the path which coupon it is',
    body: schemas.issueCouponById,
    check: ({ params: { couponId }, body }) =>
      body.couponId === undefined || body.couponId === couponId
        ? []
        : [{ path: 'couponId', message: 'must be the one in the path, or be omitted' }],
    handle: (call, deps) => claimFor({ userId: call.body.userId, couponId: call.params.couponId }, call, deps),
  }),
  read({
    path: '/api/coupon/users/{userId}',
    name: 'listCouponsOfUser',
    summary: 'List the coupons of a user, newest first',
    tag,
    access: 'user',
    userOf: ({ params }) => params.userId,
    query: z.strictObject({ limit: pageSize, cursor: owned.query }),
    refusals: ['USER_NOT_FOUND'],
    response: schemas.ownedCoupons,
    async handle({ params: { userId }, query }, { shop }) {
      const { items, next } = await shop.coupons.ofUser({ userId, limit: query.limit, after: query.cursor })
      return { coupons: items, nextCursor: owned.write(next) }
    },
  }),
  read({
    path: '/api/coupon',
    name: 'listClaimableCoupons',
    summary: 'List the coupons that can be claimed now without a code',
    tag,
    access: 'public',
    query: z.strictObject({ limit: pageSize, cursor: claimable.query }),
    response: schemas.claimableCoupons,
    async handle({ query }, { shop }) {
      const { items, next } = await shop.coupons.claimable({ limit: query.limit, after: query.cursor })
      return { coupons: items, nextCursor: claimable.write(next) }
    },
  }),
  command({
    method: 'POST',
    path: '/api/admin/coupons',
    name: 'createCoupon',
    summary: 'Create a coupon',
    tag,
    access: 'administrator',
    runs: createCoupon,
    body: schemas.createCoupon,
    refusals: ['COUPON_ALREADY_EXISTS'],
    status: 201,
    response: schemas.coupon,
    location: ({ couponId }) => `/api/admin/coupons/${couponId}`,
    handle: ({ body, idempotency }, { shop }) => shop.execute(createCoupon, body, { idempotency }),
  }),
  read({
    path: '/api/admin/coupons',
    name: 'listCoupons',
    summary: 'List all coupons, newest first',
    tag,
    access: 'administrator',
    query: z.strictObject({ limit: pageSize, cursor: all.query }),
    response: schemas.coupons,
    async handle({ query }, { shop }) {
      const { items, next } = await shop.coupons.list({ limit: query.limit, after: query.cursor })
      return { coupons: items, nextCursor: all.write(next) }
    },
  }),
  read({
    path: '/api/admin/coupons/{couponId}',
    name: 'getCoupon',
    summary: 'Get a coupon',
    tag,
    access: 'administrator',
    refusals: ['COUPON_NOT_FOUND'],
    response: schemas.coupon,
    handle: ({ params }, { shop }) => shop.coupons.get(params),
  }),
  command({
    method: 'PATCH',
    path: '/api/admin/coupons/{couponId}',
    name: 'updateCoupon',
    summary: 'Change the quantity, the end date or the metadata of a coupon',
    tag,
    access: 'administrator',
    runs: updateCoupon,
    body: schemas.updateCoupon,
    refusals: ['COUPON_NOT_FOUND'],
    response: schemas.coupon,
    handle: ({ params, body }, { shop }) => shop.execute(updateCoupon, { ...body, ...params }),
  }),
]
