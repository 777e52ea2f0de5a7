import { Counter, Histogram, type Registry } from 'prom-client'
import type { AnsweredRequest } from '../http/http-deps.js'

export const requestSeconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The metrics of answered requests. */
export class RequestMetrics {
  readonly #seconds: Histogram
  readonly #outcomes: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#seconds = new Histogram({
      name: 'shop_http_request_seconds',
      help: 'Time to respond to a request',
      buckets: requestSeconds,
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#outcomes = new Counter({
      name: 'shop_http_outcomes_total',
      help: 'Responses by problem code; ok if there was no problem',
      labelNames: ['method', 'route', 'code'],
      registers,
    })
  }

  onAnswered({ method, route, status, code = 'ok', seconds }: AnsweredRequest): void {
    this.#seconds.observe({ method, route, status }, seconds)
    this.#outcomes.inc({ method, route, code })
  }
}
