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

/** What drivers add to their errors, statements and parameters among it, stays out. */
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

/** One JSON object a line, on stdout where no other destination is given. Secrets and tokens do not get in. */
export const createLogger = (level: LogLevel, destination?: { write(line: string): void }): Logger => {
  const options: LoggerOptions = {
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: redacted, censor: mask },
    serializers: { err: plainError, error: plainError },
    // On the whole line: a secret may be in any field.
    hooks: { streamWrite: maskSecrets },
  }
  return destination ? pino(options, destination) : pino(options)
}
