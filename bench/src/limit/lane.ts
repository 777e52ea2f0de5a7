import { timeOrderedIds } from '@shop/core'
import pg from 'pg'
import { Choices } from './choices.js'
import { groupWritten } from './group.js'
import type { Write } from './parameters.js'

export interface LaneOptions {
  readonly url: string
  readonly users: number
  /** Which of the `lanes` this is, from 0. */
  readonly lane: number
  readonly lanes: number
}

/** Plans are made once. They find rows by key, whatever the size of the tables was then. */
const settings = 'set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off'

/** The stream of a client, which its types leave out. */
interface Corked {
  readonly connection: { readonly stream: { cork(): void; uncork(): void } }
}

/** A connection, and what is written on it. Its transactions touch no row that another lane touches. */
export class Lane {
  readonly choices: Choices
  readonly newId = timeOrderedIds()
  readonly #client: pg.Client
  readonly #names = new Map<string, string>()

  private constructor(client: pg.Client, choices: Choices) {
    this.#client = client
    this.choices = choices
  }

  static async open({ url, ...choices }: LaneOptions): Promise<Lane> {
    const client = new pg.Client({ connectionString: url, pipeline: true })
    await client.connect()
    await client.query(settings)
    return new Lane(client, new Choices(choices))
  }

  /** Writes in one transaction and one round trip. Each statement is prepared once. */
  async commit(writes: readonly Write[], at: Date): Promise<void> {
    const { stream } = (this.#client as unknown as Corked).connection
    stream.cork()
    const sent = [
      this.#client.query('begin'),
      ...[...writes, groupWritten(this.newId(), at)].map((write) => this.#send(write)),
      this.#client.query('commit'),
    ]
    stream.uncork()
    await Promise.all(sent)
  }

  close(): Promise<void> {
    return this.#client.end()
  }

  #send({ text, values }: Write): Promise<unknown> {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `write_${this.#names.size}`
      this.#names.set(text, name)
    }
    return this.#client.query({ name, text, values: [...values] })
  }
}
