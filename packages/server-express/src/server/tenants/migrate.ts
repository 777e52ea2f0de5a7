import type { TenantsCall } from './call.js'
import { type TenantsContext, tenantsOf } from './context.js'
import { chosenTenants, forEachTenant } from './each-tenant.js'
import { shareSearchExtension } from './search-extension.js'

/** Another shop of the same database may be migrating, and each waits for those before it. */
const waitMs = 600_000

/**
 * Brings the tables of shops up to date. What is done stays done: after a failure or a signal, the next call does
 * the rest. Resolves with the exit status.
 */
export const migrateTenants = async (
  { shopIds, concurrency }: Extract<TenantsCall, { command: 'migrate' | 'audit' }>,
  context: TenantsContext,
): Promise<number> => {
  const { migrate, pendingMigrations } = await import('@shop/adapter-knex')
  const tenants = chosenTenants(await tenantsOf(context), shopIds, context)
  const { databases } = context
  const { prepared } = databases
  const shared = new Map<string, Promise<void>>()
  let migrated = 0
  const { failed, begun } = await forEachTenant(
    tenants,
    async ({ database, schema }) => {
      const knex = await databases.open(database)
      const sharing = shared.get(database) ?? shareSearchExtension(knex)
      shared.set(database, sharing)
      await sharing
      const pending = await pendingMigrations(knex, { schema })
      await migrate(knex, { schema, prepared, waitMs })
      if (pending.length > 0) migrated += 1
    },
    { concurrency, done: 'are up to date' },
    context,
  )
  const upToDate = begun - failed.length - migrated
  const rest = tenants.length - begun
  const left = rest > 0 ? `, ${rest} not begun: run it again to go on` : ''
  await context.print(`migrated ${migrated}, up to date before ${upToDate}, failed ${failed.length}${left}\n`)
  return failed.length + rest > 0 ? 1 : 0
}
