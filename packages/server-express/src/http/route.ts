import type { IncomingMessage } from 'node:http'
import type { IdempotencyKey, Outcome } from '@shop/core'
import type { z } from 'zod'
import type { Caller } from './caller.js'
import type { HttpDeps } from './http-deps.js'
import { type Problem, refusalProblem } from './problem.js'
import type { ProblemCode } from './problem-codes.js'
import type { Headers, Reply } from './reply.js'

/** The names in braces of a path: each is an id. */
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<Rest>
  : unknown

/** The names of the parameters of a path. */
export const paramNames = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)

/** A request whose shape is right. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly request: IncomingMessage
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  readonly idempotency: IdempotencyKey | undefined
}

/**
 * `public`: needs no token. `user`: any caller, for itself only where the request names a user. `administrator`: that.
 */
export type Access = 'public' | 'user' | 'administrator'

/** What the OpenAPI document sorts the routes by. */
export const tags = {
  Balance: 'Users, what they have charged and spent',
  Products: 'The catalogue and the popular products',
  Coupons: 'First-come-first-served coupons',
  Orders: 'From placing to refund',
  Payments: 'Paying from the balance',
  Operation: 'For whoever runs the server',
  Demo: 'Only while demo data is on: for trying the shop, and for its page',
  Documentation: 'This document and its pages',
} as const

export type Tag = keyof typeof tags

/** One row of the route table: routing, 405, access, validation and the OpenAPI document are made from it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  /** The operationId of the OpenAPI document. */
  readonly name: string
  readonly summary: string
  readonly tag: Tag
  readonly access: Access
  readonly query?: z.ZodType | undefined
  readonly body?: z.ZodType | undefined
  /** The user on whose behalf the request is. Who is no administrator must be that user. */
  readonly userOf?: ((call: Pick<Call, 'params' | 'query' | 'body'>) => string | undefined) | undefined
  /** What it may refuse beside what every route of its kind does. */
  readonly refusals: readonly ProblemCode[]
  readonly answer: { readonly status: number; readonly contentType: string; readonly schema?: z.ZodType | undefined }
  /** Other statuses with the same schema. */
  readonly alsoAnswers?: readonly number[] | undefined
  readonly hasLocation: boolean
  /** Where it answers no, the route is absent for that request. */
  readonly isThere?: ((request: IncomingMessage, deps: HttpDeps) => boolean) | undefined
  /** False for what an OpenAPI document does not list. */
  readonly isListed: boolean
  /** A refusal of the shop is a value: it is no less usual than a success. */
  run(call: Call, deps: HttpDeps): Promise<Reply | Problem>
}

interface Definition<Path extends string, Query, Body> {
  readonly path: Path
  readonly name: string
  readonly summary: string
  readonly tag: Tag
  readonly access: Access
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  readonly userOf?: (call: Pick<Call<ParamsOf<Path>, Query, Body>, 'params' | 'query' | 'body'>) => string | undefined
  readonly refusals?: readonly ProblemCode[]
  readonly isThere?: Route['isThere']
}

const json = 'application/json'

type Defined = Pick<
  Route,
  'path' | 'name' | 'summary' | 'tag' | 'access' | 'query' | 'body' | 'userOf' | 'refusals' | 'isThere' | 'isListed'
>

const defined = <Path extends string, Query, Body>(definition: Definition<Path, Query, Body>): Defined => ({
  path: definition.path,
  name: definition.name,
  summary: definition.summary,
  tag: definition.tag,
  access: definition.access,
  query: definition.query,
  body: definition.body,
  userOf: definition.userOf as Route['userOf'],
  refusals: definition.refusals ?? [],
  isThere: definition.isThere,
  isListed: true,
})

/** A route that reads. */
export const read = <Path extends string, Query, Result>(
  definition: Definition<Path, Query, never> & {
    readonly answer: z.ZodType<Result>
    handle(call: Call<ParamsOf<Path>, Query>, deps: HttpDeps): Promise<Result>
  },
): Route => ({
  ...defined(definition),
  method: 'GET',
  answer: { status: 200, contentType: json, schema: definition.answer },
  hasLocation: false,
  run: async (call, deps) => ({
    status: 200,
    contentType: json,
    content: JSON.stringify(await definition.handle(call as Call<ParamsOf<Path>, Query>, deps)),
    cacheControl: definition.access === 'public' ? 'no-cache' : 'no-store',
  }),
})

const replayedHeaders: Headers = { 'idempotent-replayed': 'true' }

/** A route that changes something: a command of the shop, answered with its outcome. */
export const command = <Path extends string, Body, Result>(
  definition: Definition<Path, unknown, Body> & {
    readonly method: 'POST' | 'PATCH'
    /** 200, where left out. */
    readonly status?: 201 | 202
    readonly answer: z.ZodType<Result>
    /** Where what was made can be read. */
    readonly location?: (result: Result) => string
    handle(call: Call<ParamsOf<Path>, unknown, Body>, deps: HttpDeps): Promise<Outcome<Result>>
  },
): Route => {
  const { method, status = 200, location, answer } = definition
  return {
    ...defined(definition),
    method,
    answer: { status, contentType: json, schema: answer },
    hasLocation: location !== undefined,
    async run(call, deps) {
      const outcome = await definition.handle(call as Call<ParamsOf<Path>, unknown, Body>, deps)
      if (!outcome.ok) return refusalProblem(outcome.refusal, outcome.replayed)
      const { result, replayed } = outcome
      return {
        status,
        contentType: json,
        content: JSON.stringify(result),
        headers: {
          ...(location && { location: location(result) }),
          ...(replayed && replayedHeaders),
        },
      }
    },
  }
}

/** A public page, a file or a report that is not the shop's: it says itself what it answers. */
export const page = <Path extends string>(
  definition: Omit<Definition<Path, unknown, never>, 'access'> & {
    readonly answer: Route['answer']
    readonly alsoAnswers?: readonly number[]
    readonly isListed?: boolean
    handle(call: Call<ParamsOf<Path>>, deps: HttpDeps): Promise<Reply>
  },
): Route => ({
  ...defined({ ...definition, access: 'public' }),
  method: 'GET',
  answer: definition.answer,
  alsoAnswers: definition.alsoAnswers,
  hasLocation: false,
  isListed: definition.isListed ?? true,
  run: (call, deps) => definition.handle(call as Call<ParamsOf<Path>>, deps),
})

/** Whose orders and payments a caller may see: an administrator everybody's. */
export const ownerFor = ({ isAdministrator, userId }: Caller): string | undefined =>
  isAdministrator ? undefined : userId
