/**
 * Why a schema cannot be migrated:
 * - `NEWER_VERSION`: a newer version of this package has migrated it;
 * - `FOREIGN_MIGRATIONS`: its table of migrations belongs to another application;
 * - `FOREIGN_TABLES`: it has tables with the shop's names that the shop did not create.
 */
export type SchemaErrorCode = 'NEWER_VERSION' | 'FOREIGN_MIGRATIONS' | 'FOREIGN_TABLES'

/** The schema cannot be migrated, and was not changed. The message says what to do, in one line. */
export class SchemaError extends Error {
  /** The name of the class. */
  override readonly name = 'SchemaError'
  /** Why the schema cannot be migrated. */
  readonly code: SchemaErrorCode

  constructor(code: SchemaErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
