import type { Tenant } from '../../tenants/tenants-content.js'
import { exitStatus, reasonOf } from '../start-failure.js'
import type { TenantsCall } from './call.js'
import { type TenantsContext, tenantsOf } from './context.js'
import { forEachTenant } from './each-tenant.js'

const concurrency = 4

interface Row {
  readonly shop: string
  readonly database: string
  readonly schema: string
  readonly writes: 'accepted' | 'refused'
  /** Migrations that have not run. Undefined if the shop cannot be used. */
  readonly pending?: readonly string[]
  /** Of its tables and indexes. Undefined if the shop cannot be used. */
  readonly bytes?: number
  /** Why the shop cannot be used. */
  readonly error?: string
}

const sizeOf = `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::text as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relkind in ('r', 'p')`

const about = ({ shopId, databaseName, schema, writesRefused }: Tenant): Row => ({
  shop: shopId,
  database: databaseName,
  schema,
  writes: writesRefused === true ? 'refused' : 'accepted',
})

const rowOf = async (tenant: Tenant, { databases }: TenantsContext): Promise<Row> => {
  try {
    const { pendingMigrations } = await import('@shop/adapter-knex')
    const knex = await databases.open(tenant.database)
    const pending = await pendingMigrations(knex, { schema: tenant.schema })
    const { rows } = await knex.raw(sizeOf, [tenant.schema])
    return { ...about(tenant), pending, bytes: Number(rows[0].bytes) }
  } catch (error) {
    return { ...about(tenant), error: reasonOf(error) }
  }
}

const stateOf = ({ pending = [], error, writes }: Row): string => {
  if (error !== undefined) return error
  const migrations = pending.length === 1 ? 'migration' : 'migrations'
  const tables = pending.length === 0 ? 'up to date' : `${pending.length} ${migrations} to run`
  return writes === 'refused' ? `${tables}, refuses writes` : tables
}

const sizeText = ({ bytes }: Row): string => (bytes === undefined ? '-' : `${(bytes / 1_000_000).toFixed(1)} MB`)

const tableOf = (rows: readonly Row[]): string => {
  const heads = ['SHOP', 'DATABASE', 'SCHEMA', 'SIZE', 'STATE']
  const lines = [heads, ...rows.map((row) => [row.shop, row.database, row.schema, sizeText(row), stateOf(row)])]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Prints every shop of the file. Resolves with the exit status: 1 if a shop cannot be used. */
export const listTenants = async (
  { json }: Extract<TenantsCall, { command: 'list' }>,
  context: TenantsContext,
): Promise<number> => {
  const { shops } = await tenantsOf(context)
  const found = new Map<string, Row>()
  await forEachTenant(
    [...shops.values()],
    async (tenant) => void found.set(tenant.shopId, await rowOf(tenant, context)),
    { concurrency, done: 'listed' },
    context,
  )
  const rows = [...shops.keys()].flatMap((shopId) => found.get(shopId) ?? [])
  await context.print(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : tableOf(rows))
  return rows.some(({ error }) => error !== undefined) || rows.length < shops.size ? exitStatus.failed : 0
}
