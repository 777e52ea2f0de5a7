/** The timeline of the log: another one begins when a standby is promoted, and with a restore. Fails on a standby. */
export const timeline = 'left(pg_walfile_name(pg_current_wal_lsn()), 8)'

/**
 * Takes its place where the server hides its log (`isLogHidden`). There, another server starts with each failover and each
 * restore. Fails on a standby, too: divides by zero.
 */
export const noTimeline = '(1 / (case when pg_is_in_recovery() then 0 else 1 end))'
