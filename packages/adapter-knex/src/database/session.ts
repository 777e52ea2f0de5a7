import { StoreError, type StoreErrorKind } from '@shop/core/store'
import { type Classified, classify } from './classify-error.js'
import { type GroupPlans, plansOfNextGroup } from './kept-plans.js'
import { type Settings, settingsOf } from './settings.js'
import { plain, prepared, type Statement } from './statement.js'
import { hasWarned } from './warnings.js'

/** A field in Postgres' text format. Type parsers that the host has set for its own queries do not apply. */
export type Raw = string | null

export interface QueryResult {
  readonly rows: readonly (readonly Raw[])[]
  /** The command tag, such as `COMMIT` or `ROLLBACK`. */
  readonly command: string
}

/** The part of a `pg` connection that is used here. */
export interface PgConnection {
  query(config: {
    readonly text: string
    readonly name?: string
    readonly values: readonly unknown[]
    readonly rowMode: 'array'
    readonly types: { getTypeParser(): (value: string) => string }
    readonly query_timeout?: number
  }): Promise<QueryResult | readonly QueryResult[]>
  /** Whether statements are sent without waiting for earlier results. */
  readonly pipeline?: boolean
  readonly processID?: number
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void; destroy(): void } }
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'notice', listener: (notice: { readonly code?: string }) => void): unknown
  end(): Promise<void>
  __knex__disposed?: unknown
  __knexTxId?: unknown
  /** `I` outside a transaction, `T` inside one, `E` inside one that has failed. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null
}

/** Closes a connection at once, so that the server releases its locks. It must not be used again. */
export const cut = (connection: PgConnection, reason: unknown): void => {
  connection.__knex__disposed ??= reason
  connection.connection?.stream?.destroy()
}

export interface SessionOptions {
  /** Runs before anything is sent. It throws if nothing may be sent. */
  readonly check?: () => void
  readonly queryTimeoutMs?: number
  /** Whether the next transaction says itself which plans it uses. */
  readonly managesPlans?: boolean
  /** `false`: statements have no names on any connection. */
  readonly prepared?: boolean | undefined
}

const asText = { getTypeParser: () => (value: string) => value }

export interface QueryStep {
  readonly statement: Statement
  readonly values?: readonly unknown[]
  /** What an error of this step means. */
  readonly failed?: (error: unknown) => unknown
}

/** Commits. Once it is sent, only its result tells whether the writes are durable. */
export const commit: Statement = { ...plain('commit'), commits: true }
/**
 * Ends a transaction without writes, so it is never in doubt. It still waits for the standby, because row locks are in
 * the log: the data that the decision was based on is then replicated, too.
 */
export const commitWithoutWrites: Statement = { ...plain('commit'), commits: true }
const rollback = plain('rollback')

/**
 * If commits wait for a standby, writes a record to the log and to no table. The log is sequential: once this record is
 * replicated, everything that was visible before it is, too.
 */
const touchLog = prepared(
  `select pg_logical_emit_message(true, 'shop', '') where current_setting('synchronous_standby_names') <> ''`,
)

/** A connection while it is borrowed. Its failures are thrown as `StoreError`. */
export class Session {
  readonly #connection: PgConnection
  readonly #options: SessionOptions
  readonly #settings: Settings
  /** Whether statements are prepared by name. */
  readonly hasNames: boolean
  #lost: unknown
  #isInDoubt = false
  #unfit: Classified['unfit']
  #endSent = false

  constructor(connection: PgConnection, options: SessionOptions = {}) {
    this.#connection = connection
    this.#options = options
    this.#settings = settingsOf(connection)
    const { replans, prepared } = this.#settings
    // On other connections a prepared statement would keep a plan from when its tables were almost empty.
    this.hasNames = prepared && options.prepared !== false && (options.managesPlans ?? replans)
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  /** Why the connection must not be used again although it still responds. */
  get unfit(): Classified['unfit'] {
    return this.#unfit
  }

  /** The process id that the server, or a pooler in front of it, reported at the start. */
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
   * Rejects if the last commit may not be on a standby. If the wait for the standby is cancelled, Postgres reports success
   * with a warning: the commit is on this server, and a failover loses it. Only a later commit without a warning proves
   * that it was replicated.
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
    throw new StoreError(kind, 'the commit returned a warning: it may not have reached the standby', { cause })
  }

  /**
   * Sends the steps in order, pipelined if the connection allows it. Throws the first error. Inside a transaction the
   * server then refuses the later steps.
   */
  async inOrder(steps: readonly QueryStep[]): Promise<readonly QueryResult[]> {
    if (!this.isPipelined || steps.length === 1) {
      const answers: QueryResult[] = []
      for (const step of steps) answers.push(await this.#step(step))
      return answers
    }
    const stream = this.#connection.connection?.stream
    stream?.cork?.()
    const sent = steps.map((step) => this.#step(step))
    stream?.uncork?.()
    const settled = await Promise.allSettled(sent)
    return settled.map((each) => {
      if (each.status === 'rejected') throw each.reason
      return each.value
    })
  }

  #step({ statement, values, failed }: QueryStep): Promise<QueryResult> {
    const sent = this.send(statement, values)
    return failed ? sent.catch((error: unknown) => Promise.reject(failed(error))) : sent
  }

  /** The statement that begins a transaction, with the settings that this connection needs. */
  beginning(statement: Statement): Statement {
    const { perTransaction } = this.#settings
    return perTransaction === '' ? statement : plain(`${statement.text}; ${perTransaction}`)
  }

  /** Which plans the group that begins now must use. Without names nothing is kept. */
  plansOfNextGroup(): GroupPlans {
    return this.hasNames ? plansOfNextGroup(this.#connection) : 'custom'
  }

  /** Runs one statement as a transaction of its own. */
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

  /** Rolls a transaction back. */
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

/** Throws if a commit has rolled back: Postgres replies to a commit of an aborted transaction with ROLLBACK, not an error. */
export const assertCommitted = ({ command }: QueryResult): void => {
  if (command !== 'COMMIT')
    throw new StoreError('rejected', `the transaction had failed: its commit returned ${command}`)
}
