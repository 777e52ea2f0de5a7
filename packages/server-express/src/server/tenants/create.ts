import { changeTenantsFile } from '../../tenants/change-tenants-file.js'
import { parseTenants, type Tenants, type TenantsContent } from '../../tenants/tenants-content.js'
import type { TenantsCall } from './call.js'
import { databaseOf, type TenantsContext, TenantsFailure, tenantOf, tenantsOf } from './context.js'
import { databaseMark } from './database-mark.js'
import { shareSearchExtension } from './search-extension.js'

type CreateCall = Extract<TenantsCall, { command: 'create' }>

/** The id, if it is the name of a schema in lower case. */
const schemaOf = ({ shopId, schema }: CreateCall): string => {
  if (schema !== undefined) return schema
  if (/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(shopId)) return shopId
  throw new TenantsFailure(`--schema is needed, because ${shopId} is not the name of a schema in lower case`)
}

/** @throws TenantsFailure if the file has the shop. */
const withShop =
  (call: CreateCall, { file }: TenantsContext) =>
  (content: TenantsContent): TenantsContent => {
    const { shopId, database, preset, currency } = call
    if (Object.hasOwn(content.shops, shopId)) throw new TenantsFailure(`${file}: there is a shop ${shopId} already`)
    const shop = { database, schema: schemaOf(call), preset, currency } as TenantsContent['shops'][string]
    return { ...content, shops: { ...content.shops, [shopId]: shop } }
  }

/**
 * Refuses a schema that another shop of the file has under another URL of the same database.
 * @throws TenantsFailure
 */
const checkNotShared = async (
  { database, schema }: { readonly database: string; readonly schema: string },
  { shops }: Tenants,
  { databases, file }: TenantsContext,
): Promise<void> => {
  const mark = await databaseMark(await databases.open(database))
  for (const other of shops.values()) {
    if (other.schema !== schema || (await databaseMark(await databases.open(other.database))) !== mark) continue
    throw new TenantsFailure(
      `${file}: the schema ${schema} is the schema of ${other.shopId}: ${other.databaseName} names the same database`,
    )
  }
}

/**
 * Creates the tables of a shop, then adds it to the file: servers see it once it can be used. Resolves with the exit
 * status.
 */
export const createTenant = async (call: CreateCall, context: TenantsContext): Promise<number> => {
  const { file, environment, databases, print } = context
  const tenants = await tenantsOf(context)
  databaseOf(tenants, call.database, context)
  const add = withShop(call, context)
  // A wrong shop is refused before anything is created.
  const { schema, database } = tenantOf(
    parseTenants(file, JSON.stringify(add(tenants.content)), environment),
    call.shopId,
    context,
  )
  const { migrate, pendingMigrations } = await import('@shop/adapter-knex')
  const knex = await databases.open(database)
  const { rows } = await knex.raw(`select to_regclass(?) is not null as "hasTables"`, [`"${schema}".migrations`])
  if (rows[0].hasTables) await checkNotShared({ database, schema }, tenants, context)
  await shareSearchExtension(knex)
  const pending = await pendingMigrations(knex, { schema })
  await migrate(knex, { schema, prepared: databases.prepared })
  await changeTenantsFile(file, add, environment)
  const { shopId } = call
  await print(
    rows[0].hasTables
      ? `added ${shopId}: the schema ${schema} of ${call.database} has a shop, ${pending.length} migrations ran\n`
      : `created ${shopId} in the schema ${schema} of ${call.database}\n`,
  )
  return 0
}
