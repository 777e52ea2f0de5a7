import type { Logger } from 'pino'
import { TenantsFileError } from '../../tenants/tenants-content.js'
import { databaseFailure, exitStatus, reasonOf } from '../start-failure.js'
import type { TenantsCall } from './call.js'
import { type TenantsContext, TenantsFailure } from './context.js'
import { TenantDatabases } from './databases.js'

interface RunTenantsOptions {
  /** The file of shops. */
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly prepared: boolean
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Resolves once the reader has it: the process may end then. */
const print = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(text, () => resolve())
  })

/** A module of its own for each command: listing shops loads no more than that. */
const perform = async (call: TenantsCall, context: TenantsContext): Promise<number> => {
  switch (call.command) {
    case 'list':
      return (await import('./list.js')).listTenants(call, context)
    case 'create':
      return (await import('./create.js')).createTenant(call, context)
    case 'migrate':
      return (await import('./migrate.js')).migrateTenants(call, context)
    case 'audit':
      return (await import('./audit.js')).auditTenants(call, context)
    case 'move':
      return (await import('./move.js')).moveTenant(call, context)
    default:
      return (await import('./writes.js')).setWrites(call, context)
  }
}

/** The text and the status of an error that one line explains. */
const failureOf = (error: unknown): { readonly text: string; readonly status: number } | undefined => {
  if (error instanceof TenantsFailure) return { text: error.message, status: error.status }
  if (error instanceof TenantsFileError) return { text: error.message, status: exitStatus.wrongConfig }
  const status = databaseFailure(error)?.status
  return status === undefined ? undefined : { text: reasonOf(error), status }
}

/** Runs a command of `shop-server tenants`. Resolves with the exit status. */
export const runTenants = async (call: TenantsCall, options: RunTenantsOptions): Promise<number> => {
  const { logger, prepared, file, environment, signal } = options
  const concurrency = 'concurrency' in call ? call.concurrency : 4
  // A migration needs a second connection, to build an index outside its transaction.
  const databases = new TenantDatabases({ logger, prepared, pool: 2 * concurrency, isSlow: call.command === 'move' })
  try {
    return await perform(call, { file, environment, databases, logger, signal, print })
  } catch (error) {
    const failure = failureOf(error)
    if (!failure) throw error
    logger.debug({ err: error }, 'the command failed')
    process.stderr.write(`${failure.text}\n`)
    return failure.status
  } finally {
    await databases.close()
  }
}
