import { adjustBalance, chargeBalance, grantBonus, registerUser, withdrawBalance } from '@shop/core/commands'
import { z } from 'zod'
import { type ChargeAccess, chargeScope } from '../caller.js'
import { positionCursor, sequenceCursor } from '../cursor.js'
import { command, type Route, read } from '../route.js'
import * as schemas from '../schemas/balance.js'
import { entryKind, pageSize, reference } from '../schemas/fields.js'
import { statement, statementQuery } from '../schemas/statement.js'
import { statementCsv } from '../statement-csv.js'

const tag = 'Balance'
/** A payment provider charges for every user. A user's own charges create balance without a payment. */
const chargeable = (access: ChargeAccess): Pick<Route, 'access' | 'scope'> =>
  access === 'user' ? { access } : { access, scope: chargeScope }

const cursor = sequenceCursor('entries')
const allEntries = positionCursor('all-entries')

export const balanceRoutes = (chargeAccess: ChargeAccess): readonly Route[] => [
  command({
    method: 'POST',
    path: '/api/balance/charge',
    name: 'chargeBalance',
    summary: 'Charge the balance of a user. Takes no payment: any permitted caller creates balance',
    tag,
    ...chargeable(chargeAccess),
    runs: chargeBalance,
    body: schemas.chargeBalance,
    userOf: ({ body }) => body.userId,
    refusals: ['REFERENCE_REUSED', 'USER_NOT_FOUND', 'CHARGE_AMOUNT_INVALID', 'BALANCE_LIMIT_EXCEEDED'],
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
    path: '/api/admin/balance/grant',
    name: 'grantBonus',
    summary: 'Grant bonus money to a user',
    tag,
    access: 'administrator',
    scope: chargeScope,
    runs: grantBonus,
    body: schemas.grantBonus,
    userOf: ({ body }) => body.userId,
    refusals: ['REFERENCE_REUSED', 'USER_NOT_FOUND', 'BALANCE_LIMIT_EXCEEDED', 'BONUS_LOTS_EXCEEDED'],
    response: schemas.grant,
    handle: ({ body, idempotency }, { shop }) => shop.execute(grantBonus, body, { idempotency }),
  }),
  command({
    method: 'POST',
    path: '/api/admin/balance/withdraw',
    name: 'withdrawBalance',
    summary: 'Take paid money out of the balance of a user, to be paid out',
    tag,
    access: 'administrator',
    runs: withdrawBalance,
    body: schemas.withdrawBalance,
    userOf: ({ body }) => body.userId,
    refusals: ['REFERENCE_REUSED', 'USER_NOT_FOUND', 'BALANCE_INSUFFICIENT'],
    response: schemas.change,
    handle: ({ body, idempotency }, { shop }) => shop.execute(withdrawBalance, body, { idempotency }),
  }),
  command({
    method: 'POST',
    path: '/api/admin/balance/adjust',
    name: 'adjustBalance',
    summary: 'Correct the paid money of a user',
    tag,
    access: 'administrator',
    runs: adjustBalance,
    body: schemas.adjustBalance,
    userOf: ({ body }) => body.userId,
    refusals: ['REFERENCE_REUSED', 'USER_NOT_FOUND', 'BALANCE_LIMIT_EXCEEDED', 'BALANCE_INSUFFICIENT'],
    response: schemas.change,
    handle: ({ body, idempotency }, { shop }) => shop.execute(adjustBalance, body, { idempotency }),
  }),
  read({
    path: '/api/admin/entries',
    name: 'listEntries',
    summary: 'List the entries of all balances, newest first',
    tag,
    access: 'administrator',
    query: z.strictObject({
      kind: entryKind.optional(),
      reference: reference.optional(),
      limit: pageSize,
      cursor: allEntries.query,
    }),
    response: schemas.userEntries,
    async handle({ query: { kind, reference, limit, cursor: after } }, { shop }) {
      const { items, next } = await shop.balance.entries({ kind, reference, limit, after })
      return { entries: items, nextCursor: allEntries.write(next) }
    },
  }),
  read({
    path: '/api/admin/statement',
    name: 'getStatement',
    summary: 'Get the movements of all balances, and what was sold and refunded, on some days',
    tag,
    access: 'administrator',
    query: statementQuery,
    response: statement,
    alternative: statementCsv,
    handle: ({ query }, { shop }) => shop.statement(query),
  }),
  command({
    method: 'POST',
    path: '/api/users',
    name: 'registerUser',
    summary: 'Register a user',
    tag,
    access: 'user',
    runs: registerUser,
    body: schemas.registerUser,
    userOf: ({ body }) => body.userId,
    refusals: ['USER_ALREADY_EXISTS'],
    status: 201,
    response: schemas.balance,
    location: ({ userId }) => `/api/balance/${userId}`,
    handle: ({ body, idempotency }, { shop }) => shop.execute(registerUser, body, { idempotency }),
  }),
]
