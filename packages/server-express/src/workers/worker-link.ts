import type { Duplex } from 'node:stream'
import type { ProductsAt } from '@shop/core'
import { type Problem, problemOf, unavailableNow } from '../http/problem.js'
import type { CountName } from '../http/rate-limit.js'
import type { Reply } from '../http/reply.js'
import { isAboutProcess } from '../http/stages.js'
import { errorData } from '../observability/logger.js'
import { FrameReader, FrameWriter } from './frames.js'
import type { Answer, Asked, CountResult, ReplyHead, RouteQuestion } from './messages.js'
import type { Places } from './places.js'

/** Beyond this many bytes that a worker has not taken, its requests are refused: answers would fill the engine's memory. */
const maxUnreadBytes = 16_777_216

/** How the engine has answered a request. */
export interface RunAnswer {
  readonly answer: Reply | Problem
  /** Set if the request was counted. */
  readonly counted?: CountResult | undefined
}

/** What the engine does for a worker. */
export interface EngineWork {
  run(question: RouteQuestion): Promise<RunAnswer>
  count(name: CountName, key: string): Promise<CountResult>
  states(productIds: readonly string[]): Promise<ProductsAt>
  readonly places: Places
}

const contentOf = (reply: Reply): string => {
  if ('content' in reply) return typeof reply.content === 'string' ? reply.content : reply.content.toString()
  throw new Error('a reply that is a file or a stream cannot travel: its route must run without the shop')
}

const headOf = ({ status, contentType, headers, cacheControl, vary }: Reply): ReplyHead => ({
  status,
  contentType: contentType === 'application/json' ? undefined : contentType,
  headers,
  cacheControl,
  vary,
})

/** The engine's end of the link to one worker. */
export class WorkerLink {
  readonly #writer: FrameWriter
  readonly #work: EngineWork
  #underWay = 0
  #places = 0

  constructor(link: Duplex, work: EngineWork) {
    this.#work = work
    this.#writer = new FrameWriter(link)
    const reader = new FrameReader()
    link.on('data', (chunk: Buffer) => {
      for (const { messages } of reader.read(chunk)) for (const asked of messages) this.#take(asked as Asked)
    })
    // The worker has ended. `WorkerProcess` notices that.
    link.on('error', () => undefined)
  }

  /** Questions of the worker that have no answer yet. */
  get underWay(): number {
    return this.#underWay
  }

  /** Gives back what the worker holds, once it has ended. */
  release(): void {
    this.#work.places.give(this.#places)
    this.#places = 0
  }

  #take(asked: Asked): void {
    if ('route' in asked) void this.#run(asked)
    else void this.#tell(asked)
  }

  async #run({ id, ...question }: Extract<Asked, RouteQuestion>): Promise<void> {
    if (this.#writer.unreadBytes > maxUnreadBytes && !isAboutProcess({ name: question.route })) {
      this.#writer.send({ id, problem: unavailableNow })
      return
    }
    this.#underWay += 1
    try {
      const { answer, counted } = await this.#work.run(question)
      if ('code' in answer) this.#refuse(id, answer, counted)
      else {
        const content = contentOf(answer)
        this.#send({ id, reply: headOf(answer), bytes: Buffer.byteLength(content), counted }, content)
      }
    } catch (error) {
      this.#refuse(id, problemOf(error))
    } finally {
      this.#underWay -= 1
    }
  }

  async #tell(asked: Exclude<Asked, RouteQuestion>): Promise<void> {
    try {
      this.#send({ id: asked.id, value: await this.#valueFor(asked) })
    } catch (error) {
      this.#refuse(asked.id, problemOf(error))
    }
  }

  #valueFor(asked: Exclude<Asked, RouteQuestion>): Promise<CountResult | ProductsAt> | boolean {
    if ('count' in asked) return this.#work.count(asked.count, asked.key)
    if ('productIds' in asked) return this.#work.states(asked.productIds)
    if ('sign' in asked) return true
    const { places } = this.#work
    if (asked.place === 'take') {
      const isTaken = places.take()
      if (isTaken) this.#places += 1
      return isTaken
    }
    this.#places -= 1
    places.give(1)
    return true
  }

  #refuse(id: number, problem: Problem, counted?: CountResult): void {
    const cause = problem.cause === undefined ? {} : { cause: errorData(problem.cause) }
    this.#send({ id, problem: { ...problem, ...cause }, counted })
  }

  /** An answer that JSON cannot write, such as facts with a cycle, becomes INTERNAL. The worker logs the cause. */
  #send(answer: Answer, content?: string): void {
    try {
      this.#writer.send(answer, content)
    } catch (error) {
      this.#writer.send({ id: answer.id, problem: { code: 'INTERNAL', cause: errorData(error) } } satisfies Answer)
    }
  }
}
