import { idempotencyKeyPattern, idPattern } from '@shop/core/commands'
import { z } from 'zod'
import { packageVersion } from '../../util/package-version.js'
import { type HostedSchema, jsonSchemaOf, placedAt } from '../host-schema.js'
import { problemBody } from '../problem.js'
import type { ProblemCode } from '../problem-kind.js'
import { kindOf, type ProblemTable } from '../problem-table.js'
import { type Route, tags } from '../route.js'
import { problem } from '../schemas/problem.js'
import { requests, responses } from '../schemas/registries.js'
import { problemsOf } from './problems.js'

type Json = Record<string, unknown>

const ref = (kind: string, name: string): Json => ({ $ref: `#/components/${kind}/${name}` })

/** zod omits the default and the examples of a transformed schema, although they describe its input. */
const keepInput: Exclude<z.core.ToJSONSchemaParams['override'], undefined> = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod
  if (def.type === 'default') jsonSchema.default = def.defaultValue
  const examples = z.globalRegistry.get(zodSchema)?.['examples']
  if (Array.isArray(examples)) jsonSchema.examples = examples
}

const componentsOf = (registry: typeof responses, io: 'input' | 'output'): Json => {
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override: keepInput,
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]))
}

/** The name of a schema of the host's: its operation and what it is there. */
const hostedName = ({ name }: Route, part: 'Body' | 'Result'): string =>
  `${name[0]?.toUpperCase()}${name.slice(1)}${part}`

const isHosted = (schema: z.ZodType | HostedSchema | undefined): schema is HostedSchema =>
  schema !== undefined && 'host' in schema

const schemaOf = (schema: z.ZodType): Json => {
  const { id } = responses.get(schema) ?? requests.get(schema) ?? {}
  if (id === undefined) throw new Error('a schema of the route table is not registered under a name')
  return ref('schemas', id)
}

const bodyOf = (route: Route, body: z.ZodType | HostedSchema): Json =>
  isHosted(body) ? ref('schemas', hostedName(route, 'Body')) : schemaOf(body)

const resultOf = (route: Route): Json => {
  const { schema, contentType } = route.response
  if (isHosted(schema)) return ref('schemas', hostedName(route, 'Result'))
  return schema ? schemaOf(schema) : { type: contentType === 'application/json' ? 'object' : 'string' }
}

/** The schemas of the host's, under their names. */
const hostedSchemas = (routes: readonly Route[]): Json =>
  Object.fromEntries(
    routes.flatMap((route) => {
      const { body, response } = route
      const place = (part: 'Body' | 'Result', { host }: HostedSchema) => {
        const name = hostedName(route, part)
        const schema = jsonSchemaOf(host, part === 'Body' ? 'input' : 'output')
        return [[name, placedAt(`#/components/schemas/${name}`, schema)] as const]
      }
      return [
        ...(isHosted(body) ? place('Body', body) : []),
        ...(isHosted(response.schema) ? place('Result', response.schema) : []),
      ]
    }),
  )

const pathParameters = ({ path }: Route): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: idPattern.source },
  }))

const queryParameters = ({ query }: Route): Json[] => {
  if (!query) return []
  const { properties = {}, required = [] } = z.toJSONSchema(query, {
    target: 'draft-2020-12',
    io: 'input',
    override: keepInput,
  })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

const mediaTypeOf = (contentType: string): string => contentType.split(';')[0] as string

const success = (route: Route): Json => {
  const { contentType, alternative } = route.response
  return {
    description: 'Success',
    headers: {
      'x-request-id': ref('headers', 'RequestId'),
      ...(route.hasLocation && { location: ref('headers', 'Location') }),
      ...(route.isKeyed && { 'idempotent-replayed': ref('headers', 'IdempotentReplayed') }),
    },
    content: {
      [contentType]: { schema: resultOf(route) },
      ...(alternative && {
        [mediaTypeOf(alternative.contentType)]: {
          schema: { type: 'string', description: alternative.description },
        },
      }),
    },
  }
}

/** Codes whose response has a Retry-After, at least at times. */
const tellsWhen: ReadonlySet<ProblemCode> = new Set(['RATE_LIMITED', 'PRODUCT_NOT_ON_SALE', 'UNAVAILABLE'])

const problems = (route: Route, table: ProblemTable): Json => {
  const codes = problemsOf(route, table)
  const statusOf = (code: ProblemCode): number => kindOf(table, code).status
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => statusOf(code) === status)
      const content = {
        schema: schemaOf(problem),
        examples: Object.fromEntries(own.map((code) => [code, ref('examples', code)])),
      }
      const headers = { 'retry-after': ref('headers', 'RetryAfter') }
      return [
        status,
        {
          description: own.join(', '),
          ...(own.some((code) => tellsWhen.has(code)) && { headers }),
          content: { 'application/problem+json': content },
        },
      ]
    }),
  )
}

const administratorsOnly = (scope: string | undefined): string =>
  scope === undefined
    ? 'Administrators only: the token needs the scope `shop:admin`.'
    : `Administrators and payment providers only: the token needs the scope \`shop:admin\` or \`${scope}\`.`

const operation = (route: Route, table: ProblemTable): Json => {
  const { name, summary, tag, access, scope, body, isBodyOptional, response, otherStatuses = [] } = route
  const parameters = [
    ...pathParameters(route),
    ...queryParameters(route),
    ...(route.isKeyed ? [ref('parameters', 'IdempotencyKey')] : []),
  ]
  return {
    operationId: name,
    summary,
    tags: [tag],
    security: access === 'public' ? [] : [{ bearer: [] }],
    ...(access === 'administrator' && { description: administratorsOnly(scope) }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !isBodyOptional, content: { 'application/json': { schema: bodyOf(route, body) } } },
    }),
    responses: {
      ...Object.fromEntries([response.status, ...otherStatuses].map((status) => [status, success(route)])),
      ...problems(route, table),
    },
  }
}

const exampleFacts: Readonly<Partial<Record<ProblemCode, object>>> = {
  INVALID_REQUEST: { errors: [{ path: 'amount', message: 'expected int' }] },
  REFERENCE_REUSED: { reference: 'toss-pay-8f21', entryId: '01890a5d-ac96-774b-bcce-b302099a8057' },
  BONUS_LOTS_EXCEEDED: { limit: 50 },
  ORDER_ALREADY_EXISTS: { orderId: 'web-1042' },
  TOO_MANY_PENDING_ORDERS: { limit: 20 },
  PRODUCT_NOT_ON_SALE: { products: [{ productId: 'poster', opensAt: '2030-01-01T03:00:00.000Z', closesAt: null }] },
  PURCHASE_LIMIT_EXCEEDED: { lines: [{ productId: 'poster', limit: 2, bought: 1, requested: 2 }] },
  REFUND_EXCEEDS_ORDER: { lines: [{ productId: 'keyboard', requested: 3, refundable: 1 }] },
}

const examples = (table: ProblemTable): Json =>
  Object.fromEntries(
    (Object.keys(table) as ProblemCode[]).map((code) => {
      const context = {
        base: '',
        path: '/api',
        requestId: '7f1f6a5e-0b0c-4b52-9b1e-2f3f3f7f9f10',
        language: 'en',
      } as const
      return [code, { value: problemBody({ code, facts: exampleFacts[code] ?? {} }, table, context) }]
    }),
  )

const schemaRef = '#/components/schemas/'

const schemasIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(schemasIn)
  return '$ref' in value && typeof value.$ref === 'string' && value.$ref.startsWith(schemaRef)
    ? [value.$ref.slice(schemaRef.length), ...inside]
    : inside
}

/** The schemas that these paths reference. A server without demo data omits those of the demo routes. */
const schemasFor = (paths: Json, hostSchemas: Json): Json => {
  const all = { ...componentsOf(responses, 'output'), ...componentsOf(requests, 'input'), ...hostSchemas }
  const needed = new Set(schemasIn(paths))
  for (const id of needed) for (const further of schemasIn(all[id])) needed.add(further)
  return Object.fromEntries(Object.entries(all).filter(([id]) => needed.has(id)))
}

/** The schema of problems, with the codes of this server. */
const withCodes = (schemas: Json, table: ProblemTable): Json => {
  const { Problem: schema } = schemas as { readonly Problem: { readonly properties: Json } }
  const code = { ...(schema.properties['code'] as Json), enum: Object.keys(table) }
  return { ...schemas, Problem: { ...schema, properties: { ...schema.properties, code } } }
}

const tagsOf = (routes: readonly Route[]): Json[] => {
  const used = [...new Set(routes.map(({ tag }) => tag))]
  const described = Object.entries(tags).filter(([name]) => used.includes(name))
  const own = used.filter((name) => !Object.hasOwn(tags, name))
  return [...described.map(([name, description]) => ({ name, description })), ...own.map((name) => ({ name }))]
}

/** Builds the OpenAPI 3.1 document from the route table and the schemas that validate requests. */
export const openApiDocument = (routes: readonly Route[], table: ProblemTable): Json => {
  const paths: Record<string, Json> = {}
  const listed = routes.filter(({ isListed }) => isListed)
  for (const route of listed) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, table) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Shop',
      version: packageVersion,
      description: 'Balance, products, coupons, orders, payments and rankings of a shop.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.' }],
    tags: tagsOf(listed),
    paths,
    components: {
      schemas: withCodes(schemasFor(paths, hostedSchemas(listed)), table),
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'Makes retries safe: requests with the same key take effect once and get the same response.',
          schema: { type: 'string', pattern: idempotencyKeyPattern.source },
        },
      },
      headers: {
        RequestId: { description: "The client's X-Request-Id, or a generated one", schema: { type: 'string' } },
        Location: {
          description: 'URL of the created resource',
          schema: { type: 'string', format: 'uri-reference' },
        },
        RetryAfter: {
          description:
            'Seconds after which a retry is worthwhile. Present with RATE_LIMITED and UNAVAILABLE, and with PRODUCT_NOT_ON_SALE if all products of the order will open; absent on a replay',
          schema: { type: 'integer', minimum: 1 },
        },
        IdempotentReplayed: {
          description:
            'Set if the response replays the first one for this Idempotency-Key, or for the reference in the body',
          schema: { type: 'string', const: 'true' },
        },
      },
      examples: examples(table),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}
