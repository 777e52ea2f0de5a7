import type { Knex } from 'knex'
import type { BuyerOutcome } from '../meter.js'
import type { RushDatabase } from './database.js'
import type { Seller } from './seller.js'

interface ProductRow {
  readonly id: string
  readonly stock: number
}

interface SaleRow {
  readonly productId: string
  readonly buyer: string
}

const tablesIn = 'select 1 from pg_class where relnamespace = (select oid from pg_namespace where nspname = ?) limit 1'

/** The shop that beginners write. All it does is count stock: it has neither balances nor orders. */
class NaiveShop {
  readonly #knex: Knex
  readonly #schema: string

  constructor(knex: Knex, schema: string) {
    this.#knex = knex
    this.#schema = schema
  }

  /** Reads the stock, checks it and writes it back: two requests that read the same stock both sell the same unit. */
  buy(productId: string, buyer: string): Promise<boolean> {
    return this.#knex.transaction(async (transaction) => {
      const products = () => transaction<ProductRow>('products').withSchema(this.#schema).where({ id: productId })
      const product = await products().first('stock')
      if (product === undefined || product.stock < 1) return false
      await products().update({ stock: product.stock - 1 })
      await transaction<SaleRow>('sales').withSchema(this.#schema).insert({ productId, buyer })
      return true
    })
  }

  async countSales(productId: string): Promise<number> {
    const sales = this.#knex<SaleRow>('sales').withSchema(this.#schema).where({ productId })
    const [row] = await sales.count({ count: '*' })
    return Number(row?.count)
  }

  async createTables(product: ProductRow): Promise<void> {
    await this.dropTables()
    await this.#knex.schema
      .createSchemaIfNotExists(this.#schema)
      .withSchema(this.#schema)
      .createTable('products', (table) => {
        table.text('id').primary()
        table.integer('stock').notNullable()
      })
      .createTable('sales', (table) => {
        table.bigIncrements('id')
        table.text('productId').notNullable()
        table.text('buyer').notNullable()
      })
    await this.#knex<ProductRow>('products').withSchema(this.#schema).insert(product)
  }

  /** Drops only tables by these names, and the schema only if nothing else is in it. */
  async dropTables(): Promise<void> {
    await this.#knex.schema.withSchema(this.#schema).dropTableIfExists('sales').dropTableIfExists('products')
    const { rows } = await this.#knex.raw(tablesIn, [this.#schema])
    if (rows.length === 0) await this.#knex.schema.dropSchemaIfExists(this.#schema)
  }
}

/** Held by the server whose naive shop uses the tables. Servers on one database take turns. */
const naiveLock = 'select pg_advisory_xact_lock(hashtext(?))'

interface NaiveSellerOptions {
  readonly database: RushDatabase
  readonly schema: string
  readonly subjectId: string
  readonly quantity: number
  readonly buyerOf: (index: number) => string
}

/** Opens a naive shop on tables of its own, which are dropped on `close`, or before the next run if a server died. */
export const openNaiveSeller = async (options: NaiveSellerOptions): Promise<Seller> => {
  const { database, schema, subjectId, quantity, buyerOf } = options
  const [keeper, knex] = await Promise.all([database.openNaive(), database.openNaive()])
  const shop = new NaiveShop(knex, schema)
  const turn = await keeper.transaction().catch(async (error) => {
    await keeper.destroy()
    throw error
  })
  const end = async () => {
    // Its end lets the next server in. It wrote nothing, so how it ends makes no difference.
    await turn.rollback().catch(() => undefined)
    await Promise.all([knex.destroy(), keeper.destroy()])
  }
  try {
    await turn.raw(naiveLock, [schema])
    await shop.createTables({ id: subjectId, stock: quantity })
    // All connections are open before the first buyer comes, as in a shop that has been running for a while.
    await Promise.all(Array.from({ length: database.connections }, () => knex.raw('select 1')))
    return {
      async attempt(index): Promise<BuyerOutcome> {
        try {
          return (await shop.buy(subjectId, buyerOf(index))) ? 'won' : 'refused'
        } catch {
          return 'unavailable'
        }
      },
      countSold: () => shop.countSales(subjectId),
      async close() {
        try {
          await shop.dropTables()
        } finally {
          await end()
        }
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
