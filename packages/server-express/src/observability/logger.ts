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

/**
 * Keeps the standard fields of an error. Drivers add others, such as statements and parameters, which must not
 * be logged.
 */
const plainError = (error: Error): unknown => {
  const { type, message, stack, code, kind } = stdSerializers.errWithCause(error) as Record<string, unknown>
  return {
    type,
    ...(code === undefined ? {} : { code }),
    ...(kind === undefined ? {} : { kind }),
    message,
    stack,
  }
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

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
    serializers: { err: plainError, error: plainError },
    // Masks the whole line, because a secret may be in any field.
    hooks: { streamWrite: maskSecrets },
  }
  return destination ? pino(options, destination) : pino(options)
}
