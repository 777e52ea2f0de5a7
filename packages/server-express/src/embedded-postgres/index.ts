export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './error.js'
export type { EmbeddedPostgresLogger } from './postmaster.js'
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.js'
