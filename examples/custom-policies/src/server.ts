import { type CommandMiddleware, isId } from '@shop/core'
import { placeOrder } from '@shop/core/commands'
import { type CommandRoute, commandRoute, createServer } from '@shop/server-express'
import { z } from 'zod'
import { fewUnits } from './few-units.js'
import { giveStamp } from './give-stamp.js'
import { houseOverrides } from './house-policies.js'
import { membersOnly } from './members-only.js'
import { onePoster } from './one-poster.js'
import { noteWith, placeGiftOrder } from './place-gift-order.js'
import { houseProblems } from './refusals.js'

/** What the sign-in of this house knows of a person. */
export interface Visitor {
  readonly userId: string
  readonly isMember: boolean
  readonly isStaff: boolean
}

const id = z.string().refine(isId, 'must be an id')

const houseRoutes: readonly CommandRoute[] = [
  commandRoute({
    method: 'POST',
    path: '/api/loyalty/{userId}/stamps',
    command: giveStamp,
    access: 'administrator',
    status: 201,
    response: z.strictObject({ stamps: z.int(), bonus: z.int() }),
    summary: 'Stamp the card of a user; the tenth stamp grants bonus money',
    tag: 'Loyalty',
  }),
  commandRoute({
    method: 'POST',
    path: '/api/gift-orders',
    command: placeGiftOrder,
    access: 'user',
    body: z.strictObject({
      userId: id,
      products: z.array(z.strictObject({ productId: id, quantity: z.int().min(1) })).min(1),
      note: z.string().max(200),
    }),
    with: ({ note }) => noteWith(note),
    status: 201,
    summary: 'Place an order with a note for the parcel',
    tag: 'Gifts',
  }),
]

/** An order of the shop's own route is a gift, too, if the request has a header with a note. */
const giftsByHeader: CommandMiddleware = (call, next) => {
  const note = call.context?.['giftNote']
  const isGift = call.command.name === placeOrder.name && typeof note === 'string'
  return next(isGift ? { ...call, with: noteWith(note) } : call)
}

/** The guards of this house, in the order in which they decide. */
const houseGuards = [fewUnits, membersOnly, onePoster]

/** A server with all rules of this house. `gift_notes` is a table of its owner, in the same database. */
export const openHouse = (
  databaseUrl: string,
  visitorOf: (headers: Readonly<Record<string, string | readonly string[] | undefined>>) => Visitor | undefined,
) =>
  createServer({
    databaseUrl,
    policies: houseOverrides,
    guards: houseGuards,
    problems: houseProblems,
    companions: { giftNotes: { table: 'gift_notes', columns: { order_id: 'text', note: 'text' } } },
    middleware: [giftsByHeader],
    routes: { commands: houseRoutes },
    authenticate({ headers }) {
      const visitor = visitorOf(headers)
      return visitor && { userId: visitor.userId, roles: visitor.isStaff ? ['admin'] : [] }
    },
    context({ headers }) {
      const note = headers['x-gift-note']
      return { isMember: visitorOf(headers)?.isMember === true, ...(note !== undefined && { giftNote: note }) }
    },
  })
