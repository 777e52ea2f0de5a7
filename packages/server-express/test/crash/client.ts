import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from '../support/tokens.js'
import type { Stage } from './stage.js'

/** A client gives up after this: then there is no definite answer, which breaks the promise. */
const timeoutMs = 30_000
const pauseMs = 25

interface Request {
  readonly path: string
  readonly body: unknown
  readonly key: string
  readonly answer: Answer
}

const isDefinite = ({ status, body }: Answer): boolean => status < 500 && body?.code !== 'IDEMPOTENCY_IN_PROGRESS'

const told = ({ status, body }: Answer): string => {
  const { requestId: _, ...rest } = body ?? {}
  return `${status} ${JSON.stringify(rest)}`
}

/** Repeats each request with its key until its answer is definite, and keeps all answers. */
export class Client {
  readonly #stage: Stage
  readonly #requests: Request[] = []
  readonly complaints: string[] = []
  /** Attempts that had no definite answer. */
  retries = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async post(path: string, body?: unknown): Promise<Answer> {
    const key = randomUUID()
    const answer = await this.#untilDefinite(path, body, key)
    this.#requests.push({ path, body, key, answer })
    return answer
  }

  /** One attempt, without a key: where no answer comes, or none that is definite, nobody knows. */
  async postOnce(path: string, body: unknown): Promise<Answer | undefined> {
    const answer = await this.#stage.call('POST', path, body).catch(() => undefined)
    return answer && isDefinite(answer) ? answer : undefined
  }

  async get(path: string): Promise<Answer> {
    return this.#stage.call('GET', path)
  }

  /** Every answer is the answer for good: asked again, nothing happens, and the same is told. */
  async repeatAll(): Promise<void> {
    for (const { path, body, key, answer } of this.#requests) {
      const again = await this.#untilDefinite(path, body, key)
      if (again.headers.get('idempotent-replayed') !== 'true') this.complaints.push(`POST ${path}: not a replay`)
      if (told(again) !== told(answer)) {
        this.complaints.push(`POST ${path}: answered ${told(answer)}, and then ${told(again)}`)
      }
    }
  }

  async #untilDefinite(path: string, body: unknown, key: string): Promise<Answer> {
    const until = performance.now() + timeoutMs
    while (performance.now() < until) {
      const answer = await this.#stage.call('POST', path, body, key).catch(() => undefined)
      if (answer && isDefinite(answer)) return answer
      if (answer && answer.status !== 503 && answer.status !== 409) {
        this.complaints.push(`POST ${path}: answered ${told(answer)}`)
      }
      this.retries += 1
      await setTimeout(pauseMs)
    }
    throw new Error(`POST ${path}: no definite answer within ${timeoutMs} ms`)
  }
}
