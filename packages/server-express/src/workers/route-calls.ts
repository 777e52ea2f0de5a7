import type { IdempotencyKey } from '@shop/core'
import express, { type Request } from 'express'
import type { RouteDeps } from '../http/http-deps.js'
import { InFlightKeys } from '../http/in-flight-keys.js'
import { type Problem, problemOf, unavailableNow } from '../http/problem.js'
import { limitedUntil } from '../http/rate-limit.js'
import type { Reply } from '../http/reply.js'
import type { Route } from '../http/route.js'
import { isAboutProcess } from '../http/stages.js'
import { UnderWay } from '../http/under-way.js'
import type { RequestFacts, RouteQuestion } from './messages.js'
import type { EngineWork, RunAnswer } from './worker-link.js'

/** Stands for a request that the worker has kept, because its route does not read it. */
const unsentRequest = new Proxy({} as Request, {
  get(_target, name) {
    throw new Error(`a route reads ${String(name)} of its request, and is not declared to: set readsRequest`)
  },
})

/** A request with the parts that the worker has sent. */
const requestWith = ({ headers, httpVersion, ...socket }: RequestFacts): Request =>
  Object.create(express.request, {
    headers: { value: headers },
    httpVersion: { value: httpVersion },
    baseUrl: { value: '' },
    socket: { value: socket },
  }) as Request

/** Runs routes for workers: what all of them count together is counted here. */
export class RouteCalls {
  readonly #routes: ReadonlyMap<string, Route>
  readonly #deps: RouteDeps
  readonly #keys = new InFlightKeys()
  readonly #underWay: UnderWay
  readonly #count: EngineWork['count']

  constructor(routes: readonly Route[], deps: RouteDeps, count: EngineWork['count']) {
    this.#count = count
    this.#routes = new Map(routes.map((route) => [route.name, route]))
    this.#deps = deps
    this.#underWay = new UnderWay(deps.maxUnderWay)
  }

  /** Rejects with what the route throws. */
  async run(question: RouteQuestion): Promise<RunAnswer> {
    const { counts } = question
    if (!counts) return { answer: await this.#answer(question) }
    const counted = await this.#count(counts.count, counts.key)
    if (counted.totalHits > counts.most) return { answer: limitedUntil(counted.resetAt).problem, counted }
    return { answer: await this.#answer(question), counted }
  }

  async #answer(question: RouteQuestion): Promise<Reply | Problem> {
    const route = this.#routes.get(question.route)
    if (!route) throw new Error(`a worker asks for the route ${question.route}, which this server does not have`)
    if (isAboutProcess(route)) return this.#runNow(route, question)
    if (!this.#underWay.enter(route)) return unavailableNow
    try {
      const { idempotency } = question
      return await (idempotency ? this.#runKeyed(route, question, idempotency) : this.#runNow(route, question))
    } catch (error) {
      return problemOf(error)
    } finally {
      this.#underWay.leave(route)
    }
  }

  #runKeyed(route: Route, question: RouteQuestion, { scope, key }: IdempotencyKey): Promise<Reply | Problem> {
    return this.#keys.hold(scope, key, () => this.#runNow(route, question))
  }

  #runNow(route: Route, question: RouteQuestion): Promise<Reply | Problem> {
    const { params, query, body, caller, idempotency, request } = question
    const call = {
      request: request ? requestWith(request) : unsentRequest,
      params,
      query,
      body,
      caller,
      idempotency,
    }
    return route.run(call, this.#deps)
  }
}
