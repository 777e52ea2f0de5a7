import { PrismaPg } from '@prisma/adapter-pg'
import type { WithinConnection } from '@shop/adapter-knex'
import { drizzleWithin } from '@shop/adapter-knex/within/drizzle'
import { kyselyWithin } from '@shop/adapter-knex/within/kysely'
import { pgWithin } from '@shop/adapter-knex/within/pg'
import { postgresJsWithin } from '@shop/adapter-knex/within/postgres-js'
import { prismaWithin } from '@shop/adapter-knex/within/prisma'
import { typeormWithin } from '@shop/adapter-knex/within/typeorm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { DataSource } from 'typeorm'
import { PrismaClient } from '../../../../examples/query-builders/prisma/generated/client.js'

/** A query builder with a pool of its own. */
export interface Builder {
  /** Runs work in a transaction of the builder's. `sql` runs a statement of the host's on it. */
  transaction<T>(work: (tx: WithinConnection, sql: (text: string) => Promise<unknown>) => Promise<T>): Promise<T>
  /** What the builder has outside a transaction, as a transaction. */
  outside(): WithinConnection
  close(): Promise<void>
}

const max = 6

const openPg = (url: string): Builder => {
  const pool = new pg.Pool({ connectionString: url, max })
  return {
    async transaction(work) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await work(pgWithin(client), (text) => client.query(text))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        client.release()
      }
    },
    outside: () => pgWithin(pool as never),
    close: () => pool.end(),
  }
}

const openDrizzle = (url: string): Builder => {
  const pool = new pg.Pool({ connectionString: url, max })
  const db = drizzle(pool)
  return {
    transaction: (work) => db.transaction((tx) => work(drizzleWithin(tx), (text) => tx.execute(text))),
    outside: () => drizzleWithin(db as never),
    close: () => pool.end(),
  }
}

const openKysely = (url: string): Builder => {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max }) }) })
  const raw = (sql: string) => ({ sql, parameters: [], query: {}, queryId: { queryId: '' } }) as never
  return {
    transaction: (work) =>
      db.transaction().execute((trx) => work(kyselyWithin(trx), (text) => trx.executeQuery(raw(text)))),
    outside: () => kyselyWithin(db),
    close: () => db.destroy(),
  }
}

const openTypeorm = async (url: string): Promise<Builder> => {
  const source = await new DataSource({ type: 'postgres', url, poolSize: max }).initialize()
  return {
    transaction: (work) =>
      source.transaction((manager) => work(typeormWithin(manager.queryRunner), (text) => manager.query(text))),
    outside: () => typeormWithin(source.createQueryRunner()),
    close: () => source.destroy(),
  }
}

const openPrisma = (url: string): Builder => {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max }) })
  const options = { maxWait: 10_000, timeout: 20_000 }
  return {
    transaction: (work) =>
      prisma.$transaction((tx) => work(prismaWithin(tx), (text) => tx.$executeRawUnsafe(text)), options),
    outside: () => prismaWithin(prisma),
    close: () => prisma.$disconnect(),
  }
}

const openPostgresJs = (url: string): Builder => {
  const sql = postgres(url, { max, onnotice: () => {} })
  return {
    transaction: <T>(work: Parameters<Builder['transaction']>[0]) =>
      sql.begin((tx) => work(postgresJsWithin(tx), (text) => tx.unsafe(text))) as Promise<T>,
    outside: () => postgresJsWithin(sql as never),
    close: () => sql.end(),
  }
}

export const builders: Readonly<Record<string, (url: string) => Builder | Promise<Builder>>> = {
  pg: openPg,
  Drizzle: openDrizzle,
  Kysely: openKysely,
  TypeORM: openTypeorm,
  Prisma: openPrisma,
  'postgres.js': openPostgresJs,
}
