export type SchemaErrorCode = 'NEWER_VERSION' | 'FOREIGN_MIGRATIONS' | 'FOREIGN_TABLES'

/** A schema that cannot be migrated as it is. The message is one line and says what to do. Nothing was changed. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code: SchemaErrorCode

  constructor(code: SchemaErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
