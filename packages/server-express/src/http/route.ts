import type { IdempotencyKey, InvalidField, Outcome } from '@shop/core'
import type { AnyCommand } from '@shop/core/commands'
import type { Request } from 'express'
import type { z } from 'zod'
import { type Access, type Caller, holdsScope } from './caller.js'
import type { HostedSchema } from './host-schema.js'
import type { PageDeps, RouteDeps, StageDeps } from './http-deps.js'
import { type MayActFor, type Problem, refusalProblem } from './problem.js'
import type { ProblemCode } from './problem-kind.js'
import type { Headers, Reply } from './reply.js'

/** The path parameters, one for each name in braces. Each value is an id. */
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<Rest>
  : unknown

/** The names of the parameters of a path. */
export const paramNames = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)

/** One call of a route, with validated parameters, query and body. */
export interface RouteCall<Params = unknown, Query = unknown, Body = unknown> {
  readonly request: Request
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  readonly idempotency: IdempotencyKey | undefined
}

/** The tags of the OpenAPI document, with their descriptions. */
export const tags = {
  Balance: 'Users, their balances and their history',
  Products: 'The catalogue and the popular products',
  Coupons: 'First-come-first-served coupons',
  Orders: 'Orders, from placement to refund',
  Payments: 'Payments from the balance',
  Custom: 'Commands of this shop alone',
  Operation: 'Operating the server',
  Demo: 'Demo accounts and load demonstrations; available only if demo data is on',
  Documentation: 'This document and its pages',
} as const

export type Tag = keyof typeof tags

/** The same result in another format. */
export interface Representation<Result> {
  /** With its parameters, for example `text/csv; charset=utf-8`. */
  readonly contentType: string
  readonly description: string
  write(result: Result): { readonly content: string; readonly headers: Headers }
}

/**
 * One row of the route table. Routing, 405 responses, access control, validation and the OpenAPI document
 * derive from it.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  /** The operationId of the OpenAPI document. */
  readonly name: string
  readonly summary: string
  readonly tag: string
  readonly access: Access
  /** A scope whose holders may use a route of administrators, for every user. */
  readonly scope?: string | undefined
  /** The command that a request runs, if it runs one. */
  readonly runs?: Pick<AnyCommand, 'name' | 'guardedAs'> | undefined
  readonly query?: z.ZodType | undefined
  readonly body?: z.ZodType | HostedSchema | undefined
  /** Whether a request without a body counts as `{}`. */
  readonly isBodyOptional: boolean
  /** What is wrong with parts of a request that are valid by themselves. @default nothing */
  readonly check?: ((call: Pick<RouteCall, 'params' | 'query' | 'body'>) => readonly InvalidField[]) | undefined
  /** Whether an Idempotency-Key has an effect. If not, it is accepted and ignored. */
  readonly isKeyed: boolean
  /** The user that the request acts for. A caller who is not an administrator must be that user. */
  readonly userOf?: ((call: Pick<RouteCall, 'params' | 'query' | 'body'>) => string | undefined) | undefined
  /** Whether a request may name no user. @default false */
  readonly isUserOptional?: boolean | undefined
  /** Refusals of this route, in addition to those that all routes of its kind share. */
  readonly refusals: readonly ProblemCode[]
  readonly response: {
    readonly status: number
    readonly contentType: string
    readonly schema?: z.ZodType | HostedSchema | undefined
    /** Another representation, for a caller that prefers it. */
    readonly alternative?: Pick<Representation<unknown>, 'contentType' | 'description'> | undefined
  }
  /** Further statuses with the same response schema. */
  readonly otherStatuses?: readonly number[] | undefined
  readonly hasLocation: boolean
  /** If it returns false, the server behaves as if the route did not exist for that request. */
  readonly isAvailable?: ((request: Request, deps: Pick<StageDeps, 'demo'>) => boolean) | undefined
  /** Whether the OpenAPI document lists the route. */
  readonly isListed: boolean
  /** Resolves with a refusal of the shop rather than throwing it: refusals are as common as successes. */
  run(call: RouteCall, deps: RouteDeps): Promise<Reply | Problem>
  /** Set for a route that needs no shop: it does the same as `run` in a process without one. */
  readonly runWithoutShop?: ((call: RouteCall, deps: PageDeps) => Promise<Reply>) | undefined
  /** Whether `run` reads the request itself: its headers or its connection. */
  readonly readsRequest?: boolean | undefined
}

interface Definition<Path extends string, Query, Body> {
  readonly path: Path
  readonly name: string
  readonly summary: string
  readonly tag: Tag
  readonly access: Access
  readonly scope?: string | undefined
  readonly runs?: Route['runs']
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  readonly userOf?: (
    call: Pick<RouteCall<ParamsOf<Path>, Query, Body>, 'params' | 'query' | 'body'>,
  ) => string | undefined
  readonly check?: (
    call: Pick<RouteCall<ParamsOf<Path>, Query, Body>, 'params' | 'query' | 'body'>,
  ) => readonly InvalidField[]
  readonly isBodyOptional?: boolean
  readonly refusals?: readonly ProblemCode[]
  readonly isAvailable?: Route['isAvailable']
  readonly readsRequest?: boolean
}

const json = 'application/json'

type Defined = Pick<
  Route,
  | 'path'
  | 'name'
  | 'summary'
  | 'tag'
  | 'access'
  | 'scope'
  | 'runs'
  | 'query'
  | 'body'
  | 'isBodyOptional'
  | 'check'
  | 'userOf'
  | 'refusals'
  | 'isAvailable'
  | 'isListed'
  | 'readsRequest'
>

const defined = <Path extends string, Query, Body>(definition: Definition<Path, Query, Body>): Defined => ({
  path: definition.path,
  name: definition.name,
  summary: definition.summary,
  tag: definition.tag,
  access: definition.access,
  scope: definition.scope,
  runs: definition.runs,
  query: definition.query,
  body: definition.body,
  isBodyOptional: definition.isBodyOptional ?? false,
  check: definition.check as Route['check'],
  userOf: definition.userOf as Route['userOf'],
  refusals: definition.refusals ?? [],
  isAvailable: definition.isAvailable,
  isListed: true,
  readsRequest: definition.readsRequest ?? false,
})

/** Parameters make no difference: `Accept: text/csv;header=present` accepts `text/csv`. */
const prefers = (request: Request, { contentType }: Representation<never>): boolean => {
  const offered = `${contentType}; header=present`
  return request.accepts(`${json}; charset=utf-8`, offered) === offered
}

/** Defines a route that reads. With the method POST it takes a body, and ignores an Idempotency-Key. */
export const read = <Path extends string, Query, Body, Result>(
  definition: Definition<Path, Query, Body> & {
    readonly method?: 'POST'
    readonly response: z.ZodType<Result>
    readonly alternative?: Representation<Result>
    handle(call: RouteCall<ParamsOf<Path>, Query, Body>, deps: RouteDeps): Promise<Result>
  },
): Route => {
  const { method = 'GET', response, alternative, access } = definition
  const head = {
    status: 200,
    cacheControl: access === 'public' ? 'no-cache' : 'no-store',
    ...(alternative && { vary: 'accept' }),
  }
  return {
    ...defined(definition),
    readsRequest: definition.readsRequest || alternative !== undefined,
    method,
    isKeyed: false,
    response: { status: 200, contentType: json, schema: response, alternative },
    hasLocation: false,
    async run(call, deps) {
      const result = await definition.handle(call as RouteCall<ParamsOf<Path>, Query, Body>, deps)
      return alternative && prefers(call.request, alternative)
        ? { ...head, contentType: alternative.contentType, ...alternative.write(result) }
        : { ...head, contentType: json, content: JSON.stringify(result) }
    },
  }
}

const mayActFor =
  (caller: Caller, scope: string | undefined): MayActFor =>
  (userId) =>
    caller.isAdministrator || caller.userId === userId || holdsScope(caller, scope)

const replayedHeaders: Headers = { 'idempotent-replayed': 'true' }

/** The answer of an accepted command. */
export const replyOf = <Result>(
  { result, replayed }: Extract<Outcome<Result>, { readonly ok: true }>,
  status: number,
  location?: (result: Result) => string,
): Reply => ({
  status,
  contentType: json,
  // A command of the host may have no result.
  content: JSON.stringify(result) ?? 'null',
  headers: {
    ...(location && { location: location(result) }),
    ...(replayed && replayedHeaders),
  },
})

/** Defines a route that runs a command of the shop and responds with its outcome. */
export const command = <Path extends string, Body, Result>(
  definition: Definition<Path, unknown, Body> & {
    readonly method: 'POST' | 'PATCH'
    /** Required: without it, guards would know nothing of the request. Undefined for a route that runs no command. */
    readonly runs: Route['runs']
    /** @default 200 */
    readonly status?: 201 | 202
    readonly response: z.ZodType<Result>
    /** The URL of the created resource. */
    readonly location?: (result: Result) => string
    handle(call: RouteCall<ParamsOf<Path>, unknown, Body>, deps: RouteDeps): Promise<Outcome<Result>>
  },
): Route => {
  const { method, status = 200, location, response } = definition
  return {
    ...defined(definition),
    method,
    isKeyed: method === 'POST',
    response: { status, contentType: json, schema: response },
    hasLocation: location !== undefined,
    async run(call, deps) {
      const outcome = await definition.handle(call as RouteCall<ParamsOf<Path>, unknown, Body>, deps)
      if (!outcome.ok)
        return refusalProblem(outcome.refusal, outcome.replayed, mayActFor(call.caller, definition.scope))
      return replyOf(outcome, status, location)
    },
  }
}

type PageDefinition<Path extends string, Deps> = Omit<Definition<Path, unknown, never>, 'access'> & {
  readonly response: Route['response']
  readonly otherStatuses?: readonly number[]
  readonly isListed?: boolean
  handle(call: RouteCall<ParamsOf<Path>>, deps: Deps): Promise<Reply>
}

/** Defines a public route that writes its own response and needs no shop: a page or a file. */
export const page = <Path extends string>(definition: PageDefinition<Path, PageDeps>): Route => ({
  ...report(definition),
  runWithoutShop: (call, deps) => definition.handle(call as RouteCall<ParamsOf<Path>>, deps),
})

/** Defines a public route that writes its own response: a report about the server. */
export const report = <Path extends string>(definition: PageDefinition<Path, RouteDeps>): Route => ({
  ...defined({ ...definition, access: 'public' }),
  method: 'GET',
  isKeyed: false,
  response: definition.response,
  otherStatuses: definition.otherStatuses,
  hasLocation: false,
  isListed: definition.isListed ?? true,
  run: (call, deps) => definition.handle(call as RouteCall<ParamsOf<Path>>, deps),
})

/** The user whose orders and payments the caller may see. Undefined for administrators: they see all. */
export const ownerFor = ({ isAdministrator, userId }: Caller): string | undefined =>
  isAdministrator ? undefined : userId
