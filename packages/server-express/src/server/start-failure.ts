import { isStoreError } from '@shop/core'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/config-error.js'
import { maskSecrets } from '../observability/mask-secrets.js'
import { NotMigrated } from './not-migrated.js'

export const exitStatus = { failed: 1, wrongConfig: 78 } as const

export interface StartFailure {
  /** One line for each thing that is wrong. */
  readonly text: string
  readonly status: number
}

type Address = Pick<Config, 'host' | 'port'>

const wrongAddress: Readonly<Record<string, (address: Address) => string>> = {
  EACCES: ({ port }) => `PORT ${port} may not be used by this user`,
  EADDRNOTAVAIL: ({ host }) => `HOST ${host} is not an address of this machine`,
  ENOTFOUND: ({ host }) => `HOST ${host} is not known`,
}

/** SQLSTATEs that a wrong user, password or database name leads to, and the code of a database that does not fit. */
const wrongDatabase = /^(28|3D|UNFIT_DATABASE)/

/** pgbouncer's own words, all of which come with the SQLSTATE of a connection that failed: asking again changes nothing. */
const poolerRefusal =
  /unsupported startup parameter|no such (database|user)|transaction blocks not allowed in statement pooling mode/

const poolerAdvice: Readonly<Record<string, string>> = {
  'unsupported startup parameter':
    ' (said by a pooler such as pgbouncer: take the parameter out of DATABASE_URL, or name it in ignore_startup_parameters of the pooler)',
  'transaction blocks not allowed in statement pooling mode':
    ' (said by a pooler such as pgbouncer: use its transaction mode with SHOP_DATABASE_PREPARED=off, or its session mode)',
}

const refusedByPooler = (error: unknown): string | undefined => poolerRefusal.exec(reasonOf(error))?.[0]

const oneLine = (text: string): string => maskSecrets(text.split(/\s+/).join(' ').trim())

const chain = (error: unknown): readonly Error[] => (error instanceof Error ? [error, ...chain(error.cause)] : [])

const codeOf = (error: unknown): string =>
  chain(error)
    .map((each) => (each as { code?: unknown }).code)
    .find((code) => typeof code === 'string') ?? ''

export const listenFailure = (error: unknown, address: Address): StartFailure | undefined => {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return { text: `PORT ${address.port} on ${address.host} is in use already`, status: exitStatus.failed }
  }
  const reason = Object.hasOwn(wrongAddress, code) ? wrongAddress[code]?.(address) : undefined
  return reason === undefined ? undefined : { text: reason, status: exitStatus.wrongConfig }
}

/** In the words of whoever said it first. */
const reasonOf = (error: unknown): string => oneLine(chain(error).at(-1)?.message || codeOf(error))

/** SQLSTATEs and system errors of a database that is away, but may be there in a moment. */
const notYet = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/

/** Could the database be starting, or too busy to let us in? */
export const isPassing = (error: unknown): boolean => {
  const code = codeOf(error)
  if (refusedByPooler(error) !== undefined) return false
  return code === '' ? isStoreError(error) && error.kind === 'unavailable' : notYet.test(code)
}

/** What a database that does not let us in has said. */
export const databaseFailure = (error: unknown): StartFailure | undefined => {
  const code = codeOf(error)
  if (code === '' && !isStoreError(error)) return undefined
  const refusal = refusedByPooler(error)
  const isWrong = refusal !== undefined || wrongDatabase.test(code)
  return {
    text: `DATABASE_URL leads to no database that can be used: ${reasonOf(error)}${poolerAdvice[refusal ?? ''] ?? ''}`,
    status: isWrong ? exitStatus.wrongConfig : exitStatus.failed,
  }
}

export const migrationFailure = (error: unknown): StartFailure | undefined =>
  error instanceof NotMigrated
    ? { text: `SHOP_MIGRATE is off, and ${error.message}`, status: exitStatus.wrongConfig }
    : undefined

export const embeddedFailure = (error: unknown): StartFailure | undefined => {
  const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown }
  if (name !== 'EmbeddedPostgresError') return undefined
  const isFolder = code === 'FOLDER_UNUSABLE'
  return {
    text: `${isFolder ? 'SHOP_DATA_DIR: ' : ''}${oneLine(String(message))}`,
    status: isFolder ? exitStatus.wrongConfig : exitStatus.failed,
  }
}

export const configFailure = (error: unknown): StartFailure | undefined =>
  error instanceof ConfigError ? { text: error.message, status: exitStatus.wrongConfig } : undefined
