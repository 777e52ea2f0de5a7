import { StoreError, type StoreErrorKind } from '@shop/core/store'
import { type Classified, classify } from './classify-error.js'
import { type Settings, settingsOf } from './settings.js'
import { plain, prepared, type Statement } from './statement.js'
import { hasWarned } from './warnings.js'

/** A field as Postgres writes it: the settings that a host has made for its own queries do not reach ours. */
export type Raw = string | null

export interface QueryResult {
  readonly rows: readonly (readonly Raw[])[]
  /** The command tag: what the server says it has done. */
  readonly command: string
}

/** What is used of a connection of `pg`. */
export interface PgConnection {
  query(config: {
    readonly text: string
    readonly name?: string
    readonly values: readonly unknown[]
    readonly rowMode: 'array'
    readonly types: { getTypeParser(): (value: string) => string }
    readonly query_timeout?: number
  }): Promise<QueryResult | readonly QueryResult[]>
  /** Sends statements without waiting for the answers to those before. */
  readonly pipeline?: boolean
  readonly processID?: number
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void; destroy(): void } }
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'notice', listener: (notice: { readonly code?: string }) => void): unknown
  end(): Promise<void>
  __knex__disposed?: unknown
  /** `I` outside a transaction, `T` inside one, `E` inside one that has failed. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null
}

/** Closes a connection that nobody may use again, at once, so that the server lets go of its locks. */
export const cut = (connection: PgConnection, reason: unknown): void => {
  connection.__knex__disposed ??= reason
  connection.connection?.stream?.destroy()
}

export interface SessionOptions {
  /** Runs before anything is sent, and throws where nothing may be. */
  readonly check?: () => void
  readonly queryTimeoutMs?: number
  /** Whether the transaction that is about to begin has its plans made anew. */
  readonly plansAnew?: boolean
  /** `false`: statements have no names, wherever they are sent. */
  readonly prepared?: boolean | undefined
}

const asText = { getTypeParser: () => (value: string) => value }

export interface QueryStep {
  readonly statement: Statement
  readonly values?: readonly unknown[]
}

/** After it was sent, only its answer tells whether what was written stays. */
export const commit: Statement = { ...plain('commit'), commits: true }
/**
 * The end of a transaction that has written nothing: whatever becomes of it, nothing is in doubt. It waits for the standby
 * all the same, because its row locks are in the log: what was decided on those rows cannot be lost either.
 */
export const commitWithoutWrites: Statement = { ...plain('commit'), commits: true }
const rollback = plain('rollback')

/**
 * Writes a record to the log and to no table, where commits wait for a standby. The log is sequential: once this record
 * has been replicated, so has everything that was visible before it.
 */
const touchLog = prepared(
  `select pg_logical_emit_message(true, 'shop', '') where current_setting('synchronous_standby_names') <> ''`,
)

/** A connection while it is ours. Whatever goes wrong on it comes out as a StoreError. */
export class Session {
  readonly #connection: PgConnection
  readonly #options: SessionOptions
  readonly #settings: Settings
  /** Whether statements are prepared under their names. */
  readonly hasNames: boolean
  #lost: unknown
  #isInDoubt = false
  #unfit: Classified['unfit']
  #endSent = false

  constructor(connection: PgConnection, options: SessionOptions = {}) {
    this.#connection = connection
    this.#options = options
    this.#settings = settingsOf(connection)
    const { plansAnew, prepared } = this.#settings
    // Prepared elsewhere, a statement would keep the plan that was made when its tables were new.
    this.hasNames = prepared && options.prepared !== false && (options.plansAnew ?? plansAnew)
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  /** Why the connection must not be used again, where it still answers. */
  get unfit(): Classified['unfit'] {
    return this.#unfit
  }

  /** What the server, or a pooler before it, has called the session at the start. */
  get processId(): number | undefined {
    return this.#connection.processID
  }

  get isPipelined(): boolean {
    return this.#connection.pipeline === true
  }

  async send(statement: Statement, values: readonly unknown[] = []): Promise<QueryResult> {
    const { check, queryTimeoutMs } = this.#options
    check?.()
    const { text, name, commits } = statement
    if (commits && statement !== commitWithoutWrites) this.#isInDoubt = true
    if (statement === commit || statement === commitWithoutWrites) this.#endSent = true
    let answer: QueryResult
    try {
      const answers = await this.#connection.query({
        text,
        values,
        rowMode: 'array',
        types: asText,
        ...(name !== undefined && this.hasNames && { name }),
        ...(queryTimeoutMs !== undefined && { query_timeout: queryTimeoutMs }),
      })
      answer = Array.isArray(answers) ? answers.at(-1) : (answers as QueryResult)
    } catch (cause) {
      const { error, lost, unfit } = classify(cause, { isInDoubt: this.#isInDoubt, isOfCommit: statement === commit })
      if (lost) this.#lost ??= cause
      if (unfit) this.#connection.__knex__disposed ??= cause
      this.#unfit ??= unfit
      throw error
    }
    if (commits) await this.assertReplicated(statement === commitWithoutWrites ? 'unavailable' : 'ambiguous')
    return answer
  }

  /**
   * Rejects where the last commit may be on no standby. Postgres answers a commit whose wait was cancelled as done, with a
   * warning: it stays here, and a failover loses it. Reading it here proves nothing; a later commit without a warning does.
   */
  async assertReplicated(kind: StoreErrorKind = 'ambiguous'): Promise<void> {
    if (!hasWarned(this.#connection)) return
    let cause: unknown
    try {
      await this.send(touchLog)
      if (!hasWarned(this.#connection)) return
    } catch (error) {
      cause = error
    }
    throw new StoreError(kind, 'the commit came with a warning: it may not have reached the standby', { cause })
  }

  /**
   * Sends the steps one after the other; in one go where the connection allows it. Throws what the first one that fails
   * throws: inside a transaction the server then refuses those behind it.
   */
  async inOrder(steps: readonly QueryStep[]): Promise<readonly QueryResult[]> {
    if (!this.isPipelined || steps.length === 1) {
      const answers: QueryResult[] = []
      for (const { statement, values } of steps) answers.push(await this.send(statement, values))
      return answers
    }
    const stream = this.#connection.connection?.stream
    stream?.cork?.()
    const sent = steps.map(({ statement, values }) => this.send(statement, values))
    stream?.uncork?.()
    const settled = await Promise.allSettled(sent)
    return settled.map((each) => {
      if (each.status === 'rejected') throw each.reason
      return each.value
    })
  }

  /** The statement that begins a transaction of ours, with what this connection needs besides. */
  beginning(statement: Statement): Statement {
    const { perTransaction } = this.#settings
    return perTransaction === '' ? statement : plain(`${statement.text}; ${perTransaction}`)
  }

  /** One statement that is a transaction of its own. */
  async alone(statement: Statement, values: readonly unknown[] = []): Promise<QueryResult> {
    const { frame } = this.#settings
    if (!frame) return this.send(statement, values)
    const { commits, ...inside } = statement
    try {
      const [, answer, end] = await this.inOrder([
        { statement: frame },
        { statement: inside, values },
        { statement: commits ? commit : commitWithoutWrites },
      ])
      assertCommitted(end as QueryResult)
      return answer as QueryResult
    } catch (error) {
      await this.rollBack()
      throw error
    }
  }

  /** Ends a transaction that did not commit. */
  async rollBack(): Promise<void> {
    if (this.isLost || this.#endSent) return
    try {
      await this.send(rollback)
    } catch (error) {
      this.#lost ??= error
    }
  }

  cut(): void {
    cut(this.#connection, this.#lost ?? 'no longer usable')
  }
}

/** A commit of an aborted transaction is answered with ROLLBACK, without an error. */
export const assertCommitted = ({ command }: QueryResult): void => {
  if (command !== 'COMMIT')
    throw new StoreError('rejected', `the transaction had failed: the commit came to ${command}`)
}
