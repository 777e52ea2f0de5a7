import { changeTenantsFile } from '../../tenants/change-tenants-file.js'
import { parseTenants, type TenantsContent } from '../../tenants/tenants-content.js'
import type { TenantsCall } from './call.js'
import { databaseOf, type TenantsContext, TenantsFailure, tenantOf, tenantsOf } from './context.js'
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
