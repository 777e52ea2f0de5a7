import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { ApiResponse } from '../support/tokens.js'
import type { TestSystem } from './test-system.js'

/** A client gives up after this time. Without a definite response, the promise is broken. */
const timeoutMs = 30_000
const pauseMs = 25

interface Request {
  readonly path: string
  readonly body: unknown
  /** Undefined for a request that its reference identifies. */
  readonly key: string | undefined
  readonly answer: ApiResponse
}

const isDefinite = ({ status, body }: ApiResponse): boolean => status < 500 && body?.code !== 'IDEMPOTENCY_IN_PROGRESS'

const told = ({ status, body }: ApiResponse): string => {
  const { requestId: _, ...rest } = body ?? {}
  return `${status} ${JSON.stringify(rest)}`
}

/** Repeats each request with its key, or its reference, until its response is definite, and records all responses. */
export class Client {
  readonly #system: Pick<TestSystem, 'call'>
  readonly #requests: Request[] = []
  readonly violations: string[] = []
  /** Attempts without a definite response. */
  retries = 0

  constructor(system: Pick<TestSystem, 'call'>) {
    this.#system = system
  }

  post(path: string, body?: unknown): Promise<ApiResponse> {
    return this.#post(path, body, randomUUID())
  }

  /** Without a key: the reference in the body identifies the request. */
  postReferenced(
    path: string,
    body: { readonly reference: string; readonly [field: string]: unknown },
  ): Promise<ApiResponse> {
    return this.#post(path, body, undefined)
  }

  async #post(path: string, body: unknown, key: string | undefined): Promise<ApiResponse> {
    const answer = await this.#untilDefinite(path, body, key)
    this.#requests.push({ path, body, key, answer })
    return answer
  }

  /** One attempt, without a key. Without a definite response, its result is unknown. */
  async postOnce(path: string, body: unknown): Promise<ApiResponse | undefined> {
    const answer = await this.#system.call('POST', path, body).catch(() => undefined)
    return answer && isDefinite(answer) ? answer : undefined
  }

  async get(path: string): Promise<ApiResponse> {
    return this.#system.call('GET', path)
  }

  /** Checks that each response is final: a repeated request has no effect and gets the same response. */
  async repeatAll(): Promise<void> {
    for (const { path, body, key, answer } of this.#requests) {
      const again = await this.#untilDefinite(path, body, key)
      // A refusal does not use a reference up: it is decided again.
      const isKept = key !== undefined || answer.status < 300
      if (isKept && again.headers.get('idempotent-replayed') !== 'true')
        this.violations.push(`POST ${path}: not a replay`)
      if (told(again) !== told(answer)) {
        this.violations.push(`POST ${path}: answered ${told(answer)}, and then ${told(again)}`)
      }
    }
  }

  async #untilDefinite(path: string, body: unknown, key: string | undefined): Promise<ApiResponse> {
    const until = performance.now() + timeoutMs
    while (performance.now() < until) {
      const answer = await this.#system.call('POST', path, body, key).catch(() => undefined)
      if (answer && isDefinite(answer)) return answer
      if (answer && answer.status !== 503 && answer.status !== 409) {
        this.violations.push(`POST ${path}: answered ${told(answer)}`)
      }
      this.retries += 1
      await setTimeout(pauseMs)
    }
    throw new Error(`POST ${path}: no definite answer within ${timeoutMs} ms`)
  }
}
