import { chargeBalance, registerUser } from '@shop/core/commands'
import { z } from 'zod'
import { type ChargeAccess, chargeScope } from '../caller.js'
import { sequenceCursor } from '../cursor.js'
import { command, type Route, read } from '../route.js'
import * as schemas from '../schemas/balance.js'
import { pageSize } from '../schemas/fields.js'

const tag = 'Balance'
/** A payment provider charges for every user. A user's own charges create balance without a payment. */
const chargeable = (access: ChargeAccess): Pick<Route, 'access' | 'scope'> =>
  access === 'user' ? { access } : { access, scope: chargeScope }

const cursor = sequenceCursor('entries')

export const balanceRoutes = (chargeAccess: ChargeAccess): readonly Route[] => [
  command({
    method: 'POST',
    path: '/api/balance/charge',
    name: 'chargeBalance',
    summary: 'Charge the balance of a user. Takes no payment: any permitted caller creates balance',
    tag,
    ...chargeable(chargeAccess),
    body: schemas.chargeBalance,
    userOf: ({ body }) => body.userId,
    refusals: ['USER_NOT_FOUND', 'CHARGE_AMOUNT_INVALID', 'BALANCE_LIMIT_EXCEEDED'],
    response: schemas.charge,
    handle: ({ body, idempotency }, { shop }) => shop.execute(chargeBalance, body, { idempotency }),
  }),
  read({
    path: '/api/balance/{userId}',
    name: 'getBalance',
    summary: 'Get the balance of a user',
    tag,
    access: 'user',
    userOf: ({ params }) => params.userId,
    refusals: ['USER_NOT_FOUND'],
    response: schemas.balance,
    handle: ({ params }, { shop }) => shop.balance.get(params),
  }),
  read({
    path: '/api/balance/{userId}/history',
    name: 'getBalanceHistory',
    summary: 'List the balance history of a user, newest first',
    tag,
    access: 'user',
    userOf: ({ params }) => params.userId,
    query: z.strictObject({ limit: pageSize, cursor: cursor.query }),
    refusals: ['USER_NOT_FOUND'],
    response: schemas.balanceHistory,
    async handle({ params: { userId }, query }, { shop }) {
      const { items, next } = await shop.balance.history({ userId, limit: query.limit, before: query.cursor })
      return { entries: items, nextCursor: cursor.write(next) }
    },
  }),
  command({
    method: 'POST',
    path: '/api/users',
    name: 'registerUser',
    summary: 'Register a user',
    tag,
    access: 'user',
    body: schemas.registerUser,
    userOf: ({ body }) => body.userId,
    refusals: ['USER_ALREADY_EXISTS'],
    status: 201,
    response: schemas.balance,
    location: ({ userId }) => `/api/balance/${userId}`,
    handle: ({ body, idempotency }, { shop }) => shop.execute(registerUser, body, { idempotency }),
  }),
]
