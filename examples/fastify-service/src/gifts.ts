import type { Knex } from 'knex'

/**
 * The table of this service: the recipient and the greeting of an order. It is in the same database as the
 * shop's tables.
 */
export interface Gift {
  readonly orderId: string
  readonly recipient: string
  readonly greeting: string
}

const mostGreeting = 200

export const createGifts = (knex: Knex): Promise<void> =>
  knex.schema.createTable('gifts', (table) => {
    table.text('orderId').primary()
    table.text('recipient').notNullable()
    table.text('greeting').notNullable().checkLength('<=', mostGreeting, 'gifts_greeting_length')
  })

export const addGift = (trx: Knex.Transaction, gift: Gift): Promise<unknown> => trx<Gift>('gifts').insert(gift).then()

export const findGift = (knex: Knex, orderId: string): Promise<Gift | undefined> =>
  knex<Gift>('gifts').where({ orderId }).first()
