export type EmbeddedPostgresErrorCode =
  | 'BINARIES_MISSING'
  | 'FOLDER_IN_USE'
  | 'FOLDER_UNUSABLE'
  | 'PRIVILEGES_UNSUITABLE'
  | 'VERSION_MISMATCH'
  | 'INIT_FAILED'
  | 'START_FAILED'

/** Explains in one line why the embedded Postgres cannot run. Use `code` to distinguish errors. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
  readonly code: EmbeddedPostgresErrorCode

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
