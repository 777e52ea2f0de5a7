import type { Logger } from 'pino'
import type { Tenant, Tenants } from '../../tenants/tenants-content.js'
import { readTenantsFile } from '../../tenants/tenants-file.js'
import { exitStatus } from '../start-failure.js'
import type { TenantDatabases } from './databases.js'

/** What every command of `shop-server tenants` works with. */
export interface TenantsContext {
  /** The file of shops. */
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly databases: TenantDatabases
  readonly logger: Logger
  /** Ends the command early. */
  readonly signal: AbortSignal
  /** Writes to the standard output. */
  readonly print: (text: string) => Promise<void>
}

/** Ends the command, with a text for the standard error. */
export class TenantsFailure extends Error {
  readonly status: number

  constructor(text: string, { status = exitStatus.failed, cause }: { status?: number; cause?: unknown } = {}) {
    super(text, { cause })
    this.status = status
  }
}

/** @throws TenantsFileError */
export const tenantsOf = ({ file, environment }: TenantsContext): Promise<Tenants> => readTenantsFile(file, environment)

/** @throws TenantsFailure if the file has no such shop. */
export const tenantOf = ({ shops }: Tenants, shopId: string, { file }: TenantsContext): Tenant => {
  const tenant = shops.get(shopId)
  if (!tenant) throw new TenantsFailure(`${file}: there is no shop ${shopId}`)
  return tenant
}

/** The URL of a database. @throws TenantsFailure if the file has no such database. */
export const databaseOf = ({ databases }: Tenants, name: string, { file }: TenantsContext): string => {
  const url = databases.get(name)
  if (url !== undefined) return url
  const known = [...databases.keys()].join(', ') || 'none'
  throw new TenantsFailure(`${file}: there is no database ${name} in databases; there are: ${known}`)
}
