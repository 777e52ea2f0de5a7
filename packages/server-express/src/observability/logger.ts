import { inspect } from 'node:util'
import { type Logger, type LoggerOptions, pino, stdSerializers } from 'pino'
import { maskSecrets } from '../util/mask-secrets.js'

const mask = '[secret]'

const headers = ['authorization', 'cookie', '["set-cookie"]', '["idempotency-key"]', '["webhook-signature"]']
const members = ['password', 'secret', 'token', 'jwtSecret', 'databaseUrl', 'connectionString', 'connection']

const redacted = [
  ...headers.flatMap((name) => {
    const path = name.startsWith('[') ? name : `.${name}`
    return [`headers${path}`, `req.headers${path}`, `res.headers${path}`]
  }),
  ...members.flatMap((name) => [name, `*.${name}`]),
]

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, customInspect: false })

/** A field as JSON can write it; no field if it is undefined. */
const field = (name: string, value: unknown): object => {
  if (value === undefined) return {}
  return { [name]: Number.isFinite(value) ? value : textOf(value) }
}

const hasMessage = (error: unknown): error is { readonly message: string; readonly type?: unknown } =>
  typeof error === 'object' && error !== null && typeof (error as Error).message === 'string'

/**
 * The standard fields of an error, as data that JSON can write. Drivers add others, such as statements and parameters,
 * which must not be logged. The data of an error gives the same data again; what is no error becomes a text.
 */
export const errorData = (error: unknown): unknown => {
  if (!hasMessage(error)) return textOf(error)
  try {
    const { type, message, stack, code, kind } = stdSerializers.errWithCause(error as Error) as Record<string, unknown>
    return {
      ...field('type', error instanceof Error ? type : (error.type ?? type)),
      ...field('code', code),
      ...field('kind', kind),
      ...field('message', message),
      ...field('stack', stack),
    }
  } catch {
    // The serializer writes to the error, which may be frozen.
    return textOf(error)
  }
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** The level, or `info` for one that a host has added to its logger. */
export const logLevelOf = ({ level }: Pick<Logger, 'level'>): LogLevel =>
  level === 'silent' || level in pino.levels.values ? (level as LogLevel) : 'info'

/**
 * Creates a logger that writes one JSON object per line. Secrets and tokens are masked. Writes to stdout by
 * default.
 */
export const createLogger = (level: LogLevel, destination?: { write(line: string): void }): Logger => {
  const options: LoggerOptions = {
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: redacted, censor: mask },
    serializers: { err: errorData, error: errorData },
    // Masks the whole line, because a secret may be in any field.
    hooks: { streamWrite: maskSecrets },
  }
  return destination ? pino(options, destination) : pino(options)
}
