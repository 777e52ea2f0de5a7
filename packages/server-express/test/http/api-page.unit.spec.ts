import { expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/openapi/document.js'
import { problemTable } from '../../src/http/problem-table.js'
import { makeRoutes } from '../../src/http/route-table.js'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly default?: unknown
  readonly description?: string
}

interface Operation {
  readonly summary: string
  readonly tags: readonly string[]
  readonly description?: string
  readonly security: readonly unknown[]
  readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly schema?: Schema }[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: { readonly 'application/json': { readonly schema: Schema } }
  }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const nameOf = (ref: string) => ref.split('/').at(-1) ?? ref

const anchorOf = (name: string) => `shape-${name.toLowerCase()}`

const bounds = ({ minimum, maximum, maxLength, maxItems, default: byDefault }: Schema): string =>
  [
    ...(minimum === undefined ? [] : [`≥ ${minimum}`]),
    ...(maximum === undefined ? [] : [`≤ ${maximum}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(byDefault === undefined ? [] : [`without it ${JSON.stringify(byDefault)}`]),
  ].join(', ')

const typeOf = (schema: Schema): string => {
  if (schema.$ref) return `[${nameOf(schema.$ref)}](#${anchorOf(nameOf(schema.$ref))})`
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' · ')
  if (schema.items) return `list of ${typeOf(schema.items)}`
  return [schema.type ?? 'anything'].flat().join(' or ')
}

const cell = (text: string) => text.replaceAll('|', '\\|')

const fields = ({ properties = {}, required = [] }: Schema): string =>
  [
    '| field | type | |',
    '|---|---|---|',
    ...Object.entries(properties).map(([name, schema]) => {
      const notes = [required.includes(name) ? '' : 'optional', bounds(schema), schema.description ?? '']
      return `| \`${name}\` | ${cell(typeOf(schema))} | ${cell(notes.filter(Boolean).join('; '))} |`
    }),
  ].join('\n')

const accessOf = ({ security, description }: Operation): string => {
  if (security.length === 0) return 'public'
  const [, scope] = /or `(.*)`/.exec(description ?? '') ?? []
  if (scope !== undefined) return `administrator, or the scope \`${scope}\``
  return description ? 'administrator' : 'user'
}

const success = ({ responses }: Operation): string => {
  const [[status, { content }] = ['', { content: {} as Content }]] = Object.entries(responses)
  const kinds = Object.entries(content).map(([kind, { schema }]) => (schema.$ref ? typeOf(schema) : kind))
  return `${status} ${kinds.join(' or ')}`
}

const refused = ({ responses }: Operation): string =>
  Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => `${status} ${description}`)
    .join(' · ')

const section = (document: Document, tag: { readonly name: string; readonly description: string }): string => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(tag.name))
      .map(([method, operation]) => {
        const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
        const body = operation.requestBody?.content['application/json'].schema
        const lines = [
          `### ${method.toUpperCase()} \`${path}\``,
          `${operation.summary}. Access: ${accessOf(operation)}.`,
          ...(query.length === 0
            ? []
            : [`- query: ${query.map(({ name, schema = {} }) => `\`${name}\` (${queryText(schema)})`).join(', ')}`]),
          ...(body ? [`- body${operation.requestBody?.required ? '' : ' (optional)'}: ${typeOf(body)}`] : []),
          `- response: ${success(operation)}`,
          `- problems: ${refused(operation) || 'no specific ones'}`,
        ]
        return `${lines.slice(0, 2).join('\n')}\n\n${lines.slice(2).join('\n')}`
      }),
  )
  return [`## ${tag.name}`, `${tag.description}`, ...operations].join('\n\n')
}

const queryText = (schema: Schema) => [typeOf(schema), bounds(schema)].filter(Boolean).join(', ')

const pageOf = (document: Document): string => `# HTTP API

Made from the OpenAPI 3.1 document, which a running server returns at \`/openapi.json\` and shows at \`/docs\`. A test compares
the two; \`vitest -u\` updates this page. The routes of \`/api/demo\` exist only with demo data and are not listed here.

Send a token as \`Authorization: Bearer …\`. A POST takes an \`Idempotency-Key\`: requests with the same key have one effect
and one answer. Every problem is an \`application/problem+json\` document with a stable \`code\`:
[refusals, and what to do](refusals.md).

A request may name its route: \`X-Shop-Route\`, 1 to 64 characters of \`A-Za-z0-9_.:-\`. A balancer can hash it, so that requests
that change one row reach one server; servers ignore it, and it decides nothing
([route by row](../operate/scaling.md#route-by-row)). The client of this package sends, with every POST and PATCH that changes a coupon,
a product or an order: the id of the coupon or of the product; for an order, the lowest id of its products, or what the option
\`route\` says; for a request that names an order only, the same of the products of that order if the client has seen it in an answer,
else the id of the order. It sends no route with a code, which is a secret.

${document.tags.map((tag) => section(document, tag)).join('\n\n')}

## Shapes

${Object.entries(document.components.schemas)
  .map(([name, schema]) => `### Shape ${name}\n\n${schema.properties ? fields(schema) : typeOf(schema)}`)
  .join('\n\n')}
`

test('docs/reference/http-api.md says what the OpenAPI document says', async () => {
  const document = openApiDocument(makeRoutes(), problemTable()) as unknown as Document
  await expect(pageOf(document)).toMatchFileSnapshot('../../../../docs/reference/http-api.md')
})
