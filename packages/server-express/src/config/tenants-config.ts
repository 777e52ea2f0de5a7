import { defaultNames, type TenantNaming } from '../http/tenant-naming.js'
import type { ConfigIssue } from './config-error.js'
import type { Variables } from './variables.js'

/** The shops of a server of many. */
export interface TenantsConfig {
  /** The file that says where the shops are. */
  readonly file: string
  /** How a request names its shop. */
  readonly naming: TenantNaming
}

const namingOf = (data: Variables): TenantNaming => {
  const { SHOP_TENANT_CLAIM: claim = defaultNames.claim, SHOP_TENANT_HEADER: header = defaultNames.header } = data
  if (data.SHOP_TENANT_FROM === 'header') return { from: 'header', header, claim }
  if (data.SHOP_TENANT_FROM === 'host') return { from: 'host', domain: data.SHOP_TENANT_DOMAIN, claim }
  return { from: 'claim', claim }
}

export const tenantsConfigOf = (data: Variables): TenantsConfig | undefined =>
  data.SHOP_TENANTS === undefined ? undefined : { file: data.SHOP_TENANTS, naming: namingOf(data) }

/** Refuses settings that would be unsafe, or that a server of many shops does not have. */
export const tenantsIssues = (data: Variables): ConfigIssue[] => {
  const { SHOP_TENANTS, SHOP_TENANT_FROM: from } = data
  if (SHOP_TENANTS === undefined) return []
  const issues: ConfigIssue[] = []
  const refuse = (variable: string, reason: string) => issues.push({ variable, reason })
  if (data.SHOP_DEMO_DATA) refuse('SHOP_DEMO_DATA', 'must be off with SHOP_TENANTS: the demo has one shop')
  if (data.SHOP_WORKERS !== 1)
    refuse('SHOP_WORKERS', 'must be 1 with SHOP_TENANTS: to use more processors, run several servers of many shops')
  if (from === 'claim' && data.SHOP_AUTH === 'off')
    refuse('SHOP_TENANT_FROM', 'must be header or host because SHOP_AUTH is off: there are no tokens to name the shop')
  if (from === 'header' && data.SHOP_TRUST_PROXY === 0)
    refuse('SHOP_TRUST_PROXY', 'must be at least 1 with SHOP_TENANT_FROM=header: any client could name any shop')
  if (from === 'host' && data.SHOP_TENANT_DOMAIN === undefined)
    refuse('SHOP_TENANT_DOMAIN', 'must be set with SHOP_TENANT_FROM=host')
  return issues
}

/** What the file says for each shop, or what only some ways to name a shop use. */
const unusedWithTenants = ['DATABASE_URL', 'SHOP_DATABASE_SCHEMA', 'SHOP_PRESET', 'SHOP_POLICIES', 'SHOP_CURRENCY']
const unusedWithout = ['SHOP_TENANT_FROM', 'SHOP_TENANT_CLAIM', 'SHOP_TENANT_HEADER', 'SHOP_TENANT_DOMAIN']

export const tenantsWarnings = (data: Variables, given: Readonly<Record<string, string>>): readonly string[] => {
  const set = (names: readonly string[]) => names.filter((name) => given[name] !== undefined)
  return data.SHOP_TENANTS === undefined
    ? set(unusedWithout).map((name) => `${name} has no effect because SHOP_TENANTS is not set`)
    : set(unusedWithTenants).map(
        (name) => `${name} has no effect because SHOP_TENANTS is set: its file says it by shop`,
      )
}
