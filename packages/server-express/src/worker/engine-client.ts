import type { Duplex } from 'node:stream'
import type { ProductsAt } from '@shop/core'
import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import { type Problem, RequestRefused, unavailableNow } from '../http/problem.js'
import type { CountName } from '../http/rate-limit.js'
import type { Reply } from '../http/reply.js'
import type { Route, RouteCall } from '../http/route.js'
import { isAboutProcess } from '../http/stages.js'
import { FrameReader, FrameWriter } from '../workers/frames.js'
import type { Answer, Asked, Counted, CountedRun, Question, ReplyHead, RequestFacts } from '../workers/messages.js'
import type { RunAnswer } from '../workers/worker-link.js'

/** Beyond this many bytes that the engine has not taken, a worker refuses requests: waiting ones would fill its memory. */
const maxUnreadBytes = 4_194_304

type Value = Extract<Answer, { readonly value: unknown }>['value']
type Answered = RunAnswer | { readonly value: Value }

const factsOf = ({ headers, httpVersion, socket }: RouteCall['request']): RequestFacts => ({
  headers,
  httpVersion,
  remoteAddress: socket.remoteAddress,
  localAddress: socket.localAddress,
  localPort: socket.localPort,
})

const replyOf = ({ contentType = 'application/json', ...head }: ReplyHead, content: Buffer): Reply => ({
  ...head,
  contentType,
  content,
})

/** The engine as a worker sees it: all questions of one turn of the event loop travel together, and so do the answers. */
export class EngineClient {
  readonly #writer: FrameWriter
  readonly #waiting = new Map<number, (answered: Answered) => void>()
  #id = 0

  constructor(link: Duplex) {
    this.#writer = new FrameWriter(link)
    const reader = new FrameReader()
    link.on('data', (chunk: Buffer) => {
      for (const { messages, contents } of reader.read(chunk)) this.#take(messages as Answer[], contents)
    })
    // The engine has ended: so does this process, when its channel closes.
    link.on('error', () => undefined)
  }

  /** Runs a route in the engine. Refusal: UNAVAILABLE if the engine does not keep up. */
  run(
    route: Route,
    { request, params, query, body, caller, idempotency }: RouteCall,
    counts: CountedRun | undefined,
  ): Promise<RunAnswer> {
    if (this.#writer.unreadBytes > maxUnreadBytes && !isAboutProcess(route))
      return Promise.resolve({ answer: unavailableNow })
    const facts = route.readsRequest ? factsOf(request) : undefined
    const question = { route: route.name, params, query, body, caller, idempotency, request: facts, counts }
    return this.#ask(question) as Promise<RunAnswer>
  }

  /** Counts that all workers share, as a store of express-rate-limit. */
  counts(count: CountName): Store {
    return {
      increment: async (key): Promise<ClientRateLimitInfo> => {
        const { totalHits, resetAt } = await this.#valueOf<Counted>({ count, key })
        return { totalHits, resetTime: resetAt === undefined ? undefined : new Date(resetAt) }
      },
      decrement() {},
      resetKey() {},
    }
  }

  async states(productIds: readonly string[]): Promise<ProductsAt> {
    return this.#valueOf<ProductsAt>({ productIds })
  }

  /** Takes a place for a live stream. Resolves with false if all are taken. */
  async takePlace(): Promise<boolean> {
    return this.#valueOf<boolean>({ place: 'take' })
  }

  givePlace(): void {
    void this.#ask({ place: 'give' })
  }

  async #valueOf<T extends Value>(question: Question): Promise<T> {
    const answered = await this.#ask(question)
    if ('value' in answered) return answered.value as T
    throw new RequestRefused(answered.answer as Problem)
  }

  #ask(question: Question): Promise<Answered> {
    this.#id += 1
    const id = this.#id
    this.#writer.send({ id, ...question } satisfies Asked)
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  #take(answers: readonly Answer[], contents: Buffer): void {
    let from = 0
    for (const answer of answers) {
      const settle = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('reply' in answer) {
        const content = contents.subarray(from, from + answer.bytes)
        from += answer.bytes
        settle?.({ answer: replyOf(answer.reply, content), counted: answer.counted })
      } else settle?.('problem' in answer ? { answer: answer.problem, counted: answer.counted } : answer)
    }
  }
}
