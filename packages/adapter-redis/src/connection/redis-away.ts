/**
 * Why a call of Redis failed:
 * - `timeout`: no reply in time; the command may have been executed;
 * - `connection`: there is no connection, or it broke; the command may have been executed;
 * - `refused`: Redis replied with an error, for instance because it is full, loading or read-only, or because the slot of
 *   the key is moving to another node of the cluster;
 * - `open`: the circuit breaker is open after recent failures; nothing was sent;
 * - `closed`: this side has closed the connection; nothing was sent.
 */
export type AwayReason = 'timeout' | 'connection' | 'refused' | 'open' | 'closed'

/** A call of Redis failed: go on without Redis. Recognise it with `isRedisAway`. */
export class RedisAway extends Error {
  /** The name of the class. */
  override readonly name = 'RedisAway'
  /** Identifies the error, also one of another copy of this package. */
  readonly code = 'REDIS_AWAY'

  constructor(
    /** Why the call failed. */
    readonly reason: AwayReason,
    options?: ErrorOptions,
  ) {
    const { cause } = options ?? {}
    super(`Redis is away (${reason}${cause instanceof Error ? `: ${cause.message}` : ''})`, options)
  }
}

/** Whether an error is a `RedisAway`. Compares the code, so that two copies of this package understand each other. */
export const isRedisAway = (error: unknown): error is RedisAway =>
  error instanceof Error && (error as { code?: unknown }).code === 'REDIS_AWAY'

/** Bugs in the caller's code. They are not outages. */
const bugs = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

/** How ioredis begins the error of a command that no node of a cluster would execute. It ends with the last reply. */
const endOfRedirections = 'Too many Cluster redirections'

/** The error codes with which Redis refuses a command. Errors from within a script have a dash before the code. */
const refusals =
  /(?:^|-|ReplyError: )(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|READONLY|OOM|NOPERM|NOAUTH|NOREPLICAS|MISCONF)\b|(ACL failure in script|The user executing the script can't run)/

/** The error code with which Redis refused, such as `READONLY` or `OOM`. Undefined for other failures and codes. */
export const refusalOf = ({ cause }: RedisAway): string | undefined => {
  const [, word, isAccess] = (cause instanceof Error && refusals.exec(cause.message)) || []
  return isAccess ? 'NOPERM' : word
}

/** Refusals after which Redis serves no command for a while. */
const outageCodes = new Set<string | undefined>(['LOADING', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY'])

/** Turns the error of a failed command into `RedisAway`. Bugs and `NOSCRIPT` stay as they are. */
export const asAway = (error: unknown): unknown => {
  if (!(error instanceof Error) || bugs.has(error.name) || isRedisAway(error)) return error
  if (error.name === 'ReplyError') {
    return error.message.startsWith('NOSCRIPT') ? error : new RedisAway('refused', { cause: error })
  }
  if (error.message.startsWith(endOfRedirections)) return new RedisAway('refused', { cause: error })
  return new RedisAway(error.message === 'Command timed out' ? 'timeout' : 'connection', { cause: error })
}

/** Whether the next command would fail, too. A full Redis still serves reads, so not every refusal is an outage. */
export const isOutage = (error: unknown): boolean => {
  if (!isRedisAway(error)) return false
  return error.reason !== 'refused' || outageCodes.has(refusalOf(error))
}
