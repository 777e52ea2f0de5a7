import { type Logger, type LoggerOptions, pino, stdSerializers } from 'pino'

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

/** `scheme://user:password@host` without the password. */
const maskCredentials = (text: string): string =>
  text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]*@/gi, `$1:${mask}@`)

/** Bearer tokens and signing secrets, wherever a message carries one. */
const maskSecrets = (text: string): string =>
  maskCredentials(text)
    .replace(/\b(bearer)\s+\S+/gi, `$1 ${mask}`)
    .replace(/\bwhsec_[A-Za-z0-9+/=]+/g, mask)
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, mask)

const maskedError = (error: Error): unknown => {
  const { type, message, stack, code, kind } = stdSerializers.errWithCause(error) as Record<string, unknown>
  return {
    type,
    ...(code === undefined ? {} : { code }),
    ...(kind === undefined ? {} : { kind }),
    message: maskSecrets(String(message)),
    stack: maskSecrets(String(stack)),
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
    serializers: { err: maskedError, error: maskedError },
    hooks: {
      logMethod(args, method) {
        method.apply(
          this,
          args.map((each) => (typeof each === 'string' ? maskSecrets(each) : each)) as Parameters<typeof method>,
        )
      },
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
