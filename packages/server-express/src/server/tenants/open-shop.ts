import { createShop, resolvePolicies, type Shop } from '@shop/core'
import type { Knex } from 'knex'
import type { Tenant } from '../../tenants/tenants-content.js'

/** A shop without its server. The caller closes it. */
export const openShop = async (
  knex: Knex,
  { schema, preset, policies, currency }: Pick<Tenant, 'schema' | 'preset' | 'policies' | 'currency'>,
  prepared: boolean,
): Promise<Shop<Knex.Transaction>> => {
  const { knexStore } = await import('@shop/adapter-knex')
  const store = knexStore(knex, { schema, prepared, readConnections: 1 })
  return createShop({ store, policies: resolvePolicies(preset, policies), currency })
}
