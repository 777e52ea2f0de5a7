import type { QueryResult } from '../database/session.js'
import { databaseNow, prepared } from '../database/statement.js'

/**
 * Which log a server writes or replays: cluster, database and timeline. Positions in two logs cannot be compared.
 * A dump has another cluster, and each promotion begins another timeline.
 */
type LogId = string

/** What the primary has written. */
export interface PrimaryPosition {
  readonly log: LogId
  /** Everything that was acknowledged before is below it. */
  readonly written: bigint
  /** The database's time, in milliseconds since the epoch. */
  readonly now: number
}

/** What a replica has replayed. */
export interface ReplicaPosition {
  /** False for a server that accepts writes. */
  readonly isInRecovery: boolean
  readonly log: LogId
  /** Everything below it is visible. Undefined if the server does not say. */
  readonly replayed: bigint | undefined
}

const thisDatabase = '(select oid from pg_database where datname = current_database())'

/** Fails on a server in recovery. */
export const askPrimary = prepared(
  `select concat_ws('.', (select system_identifier from pg_control_system()), ${thisDatabase},
     ('x' || left(pg_walfile_name(written), 8))::bit(32)::int), written, ${databaseNow}
   from (select pg_current_wal_lsn() as written) log`,
)

/**
 * A server in recovery does not say which timeline it replays. Each of these is one that it has followed, so the largest
 * is right, or late. The receiver's is never late; it is null for a role that may not see it (`pg_read_all_stats`).
 */
const followed = `greatest((select timeline_id from pg_control_checkpoint()),
  (select min_recovery_end_timeline from pg_control_recovery()), (select max(received_tli) from pg_stat_wal_receiver))`

export const askReplica = prepared(
  `select pg_is_in_recovery(), concat_ws('.', (select system_identifier from pg_control_system()), ${thisDatabase},
     ${followed}), pg_last_wal_replay_lsn()`,
)

/** A position in the log, such as `16/B374D848`, as a number. */
const logPosition = (text: string): bigint => {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export const primaryPosition = ([row]: QueryResult['rows']): PrimaryPosition => {
  const [log, written, now] = row ?? []
  return { log: String(log), written: logPosition(String(written)), now: Number(now) }
}

export const replicaPosition = ([row]: QueryResult['rows']): ReplicaPosition => {
  const [isInRecovery, log, replayed] = row ?? []
  return {
    isInRecovery: isInRecovery === 't',
    log: String(log),
    replayed: typeof replayed === 'string' ? logPosition(replayed) : undefined,
  }
}
