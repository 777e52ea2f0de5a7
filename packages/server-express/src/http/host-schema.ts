/** What a schema found wrong. */
export interface SchemaIssue {
  /** What is wrong, in words. */
  readonly message: string
  /** Where it is: keys, or objects that hold one. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The value as the schema makes it, or what is wrong with it. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/**
 * A schema of the host's own library that follows Standard Schema and Standard JSON Schema: zod from 4.2 on, ArkType, Valibot
 * with `toStandardJsonSchema`. It must validate synchronously.
 */
export interface HostSchema {
  /** What the two standards define. */
  readonly '~standard': {
    /** The version of the standards. */
    readonly version: 1
    /** The library, for example `zod`. */
    readonly vendor: string
    /** Checks a value, and makes what the schema promises of it. */
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
    /** The schema as JSON Schema. */
    readonly jsonSchema: {
      /** Of values that it takes. */
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>
      /** Of values that it makes. */
      readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>
    }
  }
}

/** A schema as JSON Schema. */
export type JsonSchema = Record<string, unknown>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Whether a value follows both standards. */
export const isHostSchema = (value: unknown): value is HostSchema => {
  const standard = isObject(value) ? value['~standard'] : undefined
  return isObject(standard) && typeof standard['validate'] === 'function' && isObject(standard['jsonSchema'])
}

/** The JSON Schema of a schema's input, or of its output. Throws if JSON Schema cannot express it. */
export const jsonSchemaOf = (schema: HostSchema, io: 'input' | 'output'): JsonSchema => {
  const { $schema, ...rest } = schema['~standard'].jsonSchema[io]({ target: 'draft-2020-12' })
  return rest
}

/** A schema of the host's as routes use it: it parses as the shop's own schemas do. */
export interface HostedSchema {
  readonly host: HostSchema
  /** @throws Error for a schema that validates asynchronously */
  safeParse(value: unknown): ParsedValue
}

type ParsedValue =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly FoundIssue[] } }

interface FoundIssue {
  readonly message: string
  readonly path: readonly PropertyKey[]
  /** Of zod: `unrecognized_keys` has `keys`. */
  readonly code?: unknown
}

const issueOf = (issue: SchemaIssue): FoundIssue => ({
  ...issue,
  path: (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step)),
})

/** Wraps a schema of the host's. */
export const hosted = (host: HostSchema): HostedSchema => ({
  host,
  safeParse(value) {
    const result = host['~standard'].validate(value)
    if (result instanceof Promise) throw new Error('the schema of this body validates asynchronously')
    return result.issues === undefined
      ? { success: true, data: result.value }
      : { success: false, error: { issues: result.issues.map(issueOf) } }
  },
})

/** Moves a schema into a larger document: references to its own definitions begin at `at`. */
export const placedAt = (at: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => placedAt(at, each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === '$ref' && typeof each === 'string' && each.startsWith('#') ? at + each.slice(1) : placedAt(at, each),
    ]),
  )
}
