import { isStoreError } from '@shop/core'
import { NotMigrated } from '../composition/not-migrated.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/config-error.js'
import { maskSecrets } from '../util/mask-secrets.js'

/** Those above 1 are of sysexits.h: EX_DATAERR, EX_NOINPUT, EX_CONFIG. */
export const exitStatus = { failed: 1, badLines: 65, noInput: 66, wrongConfig: 78 } as const

export interface StartFailure {
  /** One line per problem. */
  readonly text: string
  readonly status: number
}

type Address = Pick<Config, 'host' | 'port'>

const addressErrors: Readonly<Record<string, (address: Address) => string>> = {
  EACCES: ({ port }) => `PORT ${port}: this user may not listen on that port`,
  EADDRNOTAVAIL: ({ host }) => `HOST ${host} is not an address of this machine`,
  ENOTFOUND: ({ host }) => `HOST ${host} cannot be resolved`,
}

/**
 * Codes of a misconfiguration: SQLSTATEs for a wrong user, password or database name; a missing file that the
 * URL names; an unsuitable database.
 */
const misconfiguredDatabase = /^(28|3D|ENOENT|UNFIT_DATABASE)/

/** SQLSTATEs of a database without the tables. */
const missingTable = /^(42P01|3F000)$/

/**
 * Permanent errors of pgbouncer. They share the SQLSTATE of a failed connection, so only the message tells them
 * apart.
 */
const poolerRefusal =
  /unsupported startup parameter|no such (database|user)|transaction blocks not allowed in statement pooling mode/

const poolerAdvice: Readonly<Record<string, string>> = {
  'unsupported startup parameter':
    ' (from a pooler such as pgbouncer: remove the parameter from DATABASE_URL, or add it to ignore_startup_parameters of the pooler)',
  'transaction blocks not allowed in statement pooling mode':
    ' (from a pooler such as pgbouncer: use transaction mode with SHOP_DATABASE_PREPARED=off, or session mode)',
}

const poolerRefusalOf = (error: unknown): string | undefined => poolerRefusal.exec(reasonOf(error))?.[0]

const oneLine = (text: string): string => maskSecrets(text.split(/\s+/).join(' ').trim())

const chain = (error: unknown): readonly Error[] => (error instanceof Error ? [error, ...chain(error.cause)] : [])

const codeOf = (error: unknown): string =>
  chain(error)
    .map((each) => (each as { code?: unknown }).code)
    .find((code) => typeof code === 'string') ?? ''

export const listenFailure = (error: unknown, address: Address): StartFailure | undefined => {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    return { text: `PORT ${address.port} on ${address.host} is already in use`, status: exitStatus.failed }
  }
  const reason = Object.hasOwn(addressErrors, code) ? addressErrors[code]?.(address) : undefined
  return reason === undefined ? undefined : { text: reason, status: exitStatus.wrongConfig }
}

/** The message of the root cause. */
export const reasonOf = (error: unknown): string => oneLine(chain(error).at(-1)?.message || codeOf(error))

/** SQLSTATEs and system errors of a database that is temporarily unavailable. */
const transientCode = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/

/** Whether the database may be starting, or temporarily overloaded. */
export const isTransient = (error: unknown): boolean => {
  const code = codeOf(error)
  if (poolerRefusalOf(error) !== undefined) return false
  return code === '' ? isStoreError(error) && error.kind === 'unavailable' : transientCode.test(code)
}

/** Advice for TLS failures, by the code or the message of the error. */
const tlsAdvice: readonly (readonly [RegExp, string])[] = [
  [
    /CERT|^UNABLE_TO_/,
    'set sslrootcert=<file> in the URL to the authority to trust; sslmode=no-verify accepts any certificate',
  ],
  [/does not support SSL/, 'sslmode=disable in the URL turns TLS off'],
]

/** Errors of the adapter whose message explains a misconfiguration in one line. */
const configErrors: Readonly<Record<string, (message: string) => string>> = {
  DatabaseUrlError: (message) => message.replace('databaseUrl', 'DATABASE_URL'),
  SchemaError: (message) => `SHOP_DATABASE_SCHEMA: ${message}`,
}

/** Explains why the database cannot be used. The driver's messages contain no password. */
export const databaseFailure = (error: unknown): StartFailure | undefined => {
  for (const { name, message } of chain(error)) {
    const explain = Object.hasOwn(configErrors, name) ? configErrors[name] : undefined
    if (explain) return { text: oneLine(explain(message)), status: exitStatus.wrongConfig }
  }
  const code = codeOf(error)
  if (code === '' && !isStoreError(error)) return undefined
  const refusal = poolerRefusalOf(error)
  // Use the driver's message, except for a missing table: the shop's message says what to do.
  const reason = missingTable.test(code) ? oneLine(chain(error)[0]?.message || code) : reasonOf(error)
  const [, fix] = tlsAdvice.find(([pattern]) => pattern.test(code) || pattern.test(reason)) ?? []
  const isMisconfigured = [refusal, fix].some(Boolean) || misconfiguredDatabase.test(code) || missingTable.test(code)
  const advice = poolerAdvice[refusal ?? ''] ?? (fix === undefined ? '' : `; ${fix}`)
  return {
    text: `DATABASE_URL cannot be used: ${reason}${advice}`,
    status: isMisconfigured ? exitStatus.wrongConfig : exitStatus.failed,
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

/** A task that a server of many shops does not have. */
export const tenantsInstead = (task: string): StartFailure => ({
  text: `SHOP_TENANTS is set: ${task} is for a single shop; see shop-server tenants --help, or unset SHOP_TENANTS`,
  status: exitStatus.wrongConfig,
})
