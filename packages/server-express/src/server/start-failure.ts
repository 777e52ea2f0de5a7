import { isStoreError } from '@shop/core'
import { NotMigrated } from '../composition/not-migrated.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/config-error.js'
import { maskSecrets } from '../util/mask-secrets.js'

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

/**
 * SQLSTATEs that a wrong user, password or database name leads to; a file that the URL names and that is not there; the
 * code of a database that does not fit.
 */
const wrongDatabase = /^(28|3D|ENOENT|UNFIT_DATABASE)/

/** SQLSTATEs of a database that was not migrated. */
const missingTable = /^(42P01|3F000)$/

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

/** In the words of the first cause. */
const reasonOf = (error: unknown): string => oneLine(chain(error).at(-1)?.message || codeOf(error))

/** SQLSTATEs and system errors of a database that is away, but may be there in a moment. */
const notYet = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/

/** Could the database be starting, or too busy to let us in? */
export const isTransient = (error: unknown): boolean => {
  const code = codeOf(error)
  if (refusedByPooler(error) !== undefined) return false
  return code === '' ? isStoreError(error) && error.kind === 'unavailable' : notYet.test(code)
}

/** What to do about TLS that failed, by the code or the text of the error. */
const tlsTrouble: readonly (readonly [RegExp, string])[] = [
  [
    /CERT|^UNABLE_TO_/,
    'sslrootcert=<file> in the URL names the authority to trust, sslmode=no-verify takes any certificate',
  ],
  [/does not support SSL/, 'sslmode=disable in the URL does without TLS'],
]

/** Errors of the adapter that say in one line what is wrong with the configuration. */
const configErrors: Readonly<Record<string, (message: string) => string>> = {
  DatabaseUrlError: (message) => message.replace('databaseUrl', 'DATABASE_URL'),
  SchemaError: (message) => `SHOP_DATABASE_SCHEMA: ${message}`,
}

/** What a database that does not let us in has said; the text of the driver names no password. */
export const databaseFailure = (error: unknown): StartFailure | undefined => {
  for (const { name, message } of chain(error)) {
    const explain = Object.hasOwn(configErrors, name) ? configErrors[name] : undefined
    if (explain) return { text: oneLine(explain(message)), status: exitStatus.wrongConfig }
  }
  const code = codeOf(error)
  if (code === '' && !isStoreError(error)) return undefined
  const refusal = refusedByPooler(error)
  // The driver's own words, but for a table that is missing: ours say what to do.
  const reason = missingTable.test(code) ? oneLine(chain(error)[0]?.message || code) : reasonOf(error)
  const [, cure] = tlsTrouble.find(([trouble]) => trouble.test(code) || trouble.test(reason)) ?? []
  const isWrong = [refusal, cure].some(Boolean) || wrongDatabase.test(code) || missingTable.test(code)
  const advice = poolerAdvice[refusal ?? ''] ?? (cure === undefined ? '' : `; ${cure}`)
  return {
    text: `DATABASE_URL leads to no database that can be used: ${reason}${advice}`,
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
