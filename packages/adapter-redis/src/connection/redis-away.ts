/**
 * Why Redis gave no answer:
 * - `timeout`: nothing came in time; whether the command was carried out is unknown;
 * - `connection`: there is none, or it broke; what was under way may have been carried out;
 * - `refused`: Redis answered with an error, such as being full, loading or read-only;
 * - `open`: it was not asked, because it failed lately;
 * - `closed`: the connection was closed on this side.
 */
export type AwayReason = 'timeout' | 'connection' | 'refused' | 'open' | 'closed'

/** Redis gave no answer: go on without it. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway'
  readonly code = 'REDIS_AWAY'

  constructor(
    readonly reason: AwayReason,
    options?: ErrorOptions,
  ) {
    const { cause } = options ?? {}
    super(`Redis is away (${reason}${cause instanceof Error ? `: ${cause.message}` : ''})`, options)
  }
}

/** By its code, so that it also knows errors of another copy of this package. */
export const isRedisAway = (error: unknown): error is RedisAway =>
  error instanceof Error && (error as { code?: unknown }).code === 'REDIS_AWAY'

/** Mistakes in our own code are nobody's outage. */
const mistakes = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

/** What Redis refuses with where it cannot do what is asked of it. From within a script it comes behind a dash. */
const refusals =
  /(?:^|-)(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|READONLY|OOM|NOPERM|NOAUTH|NOREPLICAS|MISCONF)\b|(ACL failure in script|The user executing the script can't run)/

/** The word with which Redis has refused, such as `READONLY` or `OOM`; nothing where it has not, or for another reason. */
export const refusalOf = ({ cause }: RedisAway): string | undefined => {
  const [, word, isAccess] = (cause instanceof Error && refusals.exec(cause.message)) || []
  return isAccess ? 'NOPERM' : word
}

/** Redis is there, but it cannot serve anything for a while. */
const unable = new Set<string | undefined>(['LOADING', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN', 'READONLY'])

/** What a failed command means. Mistakes, and `NOSCRIPT`, which asks for the script's text, stay as they are. */
export const asAway = (error: unknown): unknown => {
  if (!(error instanceof Error) || mistakes.has(error.name) || isRedisAway(error)) return error
  if (error.name === 'ReplyError') {
    return error.message.startsWith('NOSCRIPT') ? error : new RedisAway('refused', { cause: error })
  }
  return new RedisAway(error.message === 'Command timed out' ? 'timeout' : 'connection', { cause: error })
}

/** Whether the next command can hope for better. A full Redis still reads, so a refusal alone is no outage. */
export const isOutage = (error: unknown): boolean => {
  if (!isRedisAway(error)) return false
  return error.reason !== 'refused' || unable.has(refusalOf(error))
}
