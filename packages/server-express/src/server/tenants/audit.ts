import { exitStatus, reasonOf } from '../start-failure.js'
import type { TenantsCall } from './call.js'
import { type TenantsContext, tenantsOf } from './context.js'
import { chosenTenants, forEachTenant } from './each-tenant.js'
import { openShop } from './open-shop.js'

/** Audits shops, and prints a line of JSON for each. Resolves with the exit status. */
export const auditTenants = async (
  { shopIds, concurrency }: Extract<TenantsCall, { command: 'migrate' | 'audit' }>,
  context: TenantsContext,
): Promise<number> => {
  const tenants = chosenTenants(await tenantsOf(context), shopIds, context)
  const { databases, print } = context
  let broken = 0
  const { failed, begun } = await forEachTenant(
    tenants,
    async (tenant) => {
      try {
        const shop = await openShop(await databases.open(tenant.database), tenant, databases.prepared)
        const report = await shop.audit().finally(() => shop.close())
        if (!report.ok) broken += 1
        await print(`${JSON.stringify({ shop: tenant.shopId, ...report })}\n`)
      } catch (error) {
        await print(`${JSON.stringify({ shop: tenant.shopId, ok: false, error: reasonOf(error) })}\n`)
        throw error
      }
    },
    { concurrency, done: 'audited' },
    context,
  )
  return broken + failed.length + tenants.length - begun > 0 ? exitStatus.failed : 0
}
