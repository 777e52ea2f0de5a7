import { isStoreError, StoreError, singleFlight } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { assertCommitted, commitWithoutWrites, cut, type PgConnection, type Session } from '../database/session.js'
import { settingsOf } from '../database/settings.js'
import type { Statement } from '../database/statement.js'
import { Bulkhead } from '../reads/bulkhead.js'
import { askReplica, type ReplicaPosition, replicaPosition } from './position.js'
import type { PrimarySamples } from './primary-samples.js'

/** How a replica was found. */
export interface ReplicaState {
  /** Its place in the option `replicas`, from 0. */
  readonly replica: number
  /** Whether it takes reads. */
  readonly isUsed: boolean
  /** Why it takes none: a short text without anything of its URL. Undefined while it is used. */
  readonly reason: string | undefined
  /** How old its data is at most, in milliseconds. Undefined if it is not known. */
  readonly lagMs: number | undefined
}

/** The reason until two checks with a sample of the primary between them. */
const unchecked = 'not checked yet'

interface SeenPosition extends ReplicaPosition {
  readonly at: number
}

export interface ReplicaDeps {
  readonly replica: number
  readonly database: Database
  /** How many of its connections reads may use at once. */
  readonly connections: number
  readonly samples: PrimarySamples
  /** Older data is not shown. */
  readonly maxLagMs: number
  /** How long it may take until a read begins. */
  readonly answerMs: number
  /** Called after every check, and whenever it is left out. */
  readonly onState: (state: ReplicaState) => void
}

/** A read timed out waiting for a connection of a replica that works. */
export class ReplicaBusy extends Error {
  /** What its caller gets. */
  readonly reason: unknown

  constructor(reason: unknown) {
    super('all connections of the replica are in use')
    this.reason = reason
  }
}

/**
 * A hot standby. Every read proves on its own connection how old the data is at most, before its query runs: a proxy may
 * lead each connection to another server, and replay may stop at any time.
 */
export class Replica {
  readonly #deps: ReplicaDeps
  readonly #bulkhead: Bulkhead
  #reason: string | undefined = unchecked
  #seen: SeenPosition | undefined

  constructor(deps: ReplicaDeps) {
    this.#deps = deps
    this.#bulkhead = new Bulkhead({ width: deps.connections })
  }

  get isUsed(): boolean {
    return this.#reason === undefined
  }

  /** Asks for its position, and uses it or leaves it out. Never rejects. */
  readonly check = singleFlight(async (): Promise<void> => {
    const { database, answerMs } = this.#deps
    try {
      const rows = await database.borrow(
        (session, connection) => (settingsOf(connection).frame ? session.alone(askReplica) : session.send(askReplica)),
        { queryTimeoutMs: answerMs },
      )
      this.#use(replicaPosition(rows.rows))
    } catch (error) {
      this.leaveOut(textOf(error))
    }
  })

  /** It takes no reads until a check finds it fit. */
  leaveOut(reason: string, lagMs?: number): void {
    this.#reason = reason
    this.#deps.onState({ replica: this.#deps.replica, isUsed: false, reason, lagMs })
  }

  /**
   * Runs a query on data that is at most `maxLagMs` old. If it fails, the replica is left out.
   * @throws ReplicaBusy, which does not leave it out: the primary must not take what is too much for a replica.
   */
  async read(statement: Statement, values: readonly unknown[]) {
    let hasBegun = false
    try {
      return await this.#bulkhead.run(() => {
        hasBegun = true
        if (!this.isUsed) throw new StoreError('unavailable', `the replica is left out: ${this.#reason}`)
        return this.#readNow(statement, values)
      })
    } catch (error) {
      if (!hasBegun && this.isUsed) throw new ReplicaBusy(error)
      if (this.isUsed) this.leaveOut(textOf(error))
      throw error
    }
  }

  #readNow(statement: Statement, values: readonly unknown[]) {
    return this.#beginsInTime((begins) =>
      this.#deps.database.borrow(async (session, connection) => {
        begins.on(connection)
        const { frame } = settingsOf(connection)
        if (frame) return this.#inTransaction(session, frame, { statement, values, begun: begins.begun })
        this.#mustBeFit((await session.send(askReplica)).rows)
        begins.begun()
        return (await session.send(statement, values)).rows
      }),
    )
  }

  /** Behind a pooler, only one transaction is sure to stay on one server. */
  async #inTransaction(
    session: Session,
    frame: Statement,
    { statement, values, begun }: { statement: Statement; values: readonly unknown[]; begun: () => void },
  ) {
    try {
      const [, position] = await session.inOrder([{ statement: frame }, { statement: askReplica }])
      this.#mustBeFit(position?.rows ?? [])
      begun()
      const [answer, end] = await session.inOrder([{ statement, values }, { statement: commitWithoutWrites }])
      if (end) assertCommitted(end)
      return answer?.rows ?? []
    } catch (error) {
      await session.rollBack()
      throw error
    }
  }

  /** Gives up a read that does not begin in time, and closes its connection. */
  #beginsInTime<T>(work: (begins: { on(connection: PgConnection): void; begun(): void }) => Promise<T>): Promise<T> {
    const { answerMs } = this.#deps
    return new Promise<T>((resolve, reject) => {
      let used: PgConnection | undefined
      const timeout = setTimeout(() => {
        const error = new StoreError('unavailable', `no answer within ${answerMs} ms`)
        reject(error)
        if (used) cut(used, error)
      }, answerMs)
      const begun = () => clearTimeout(timeout)
      const on = (connection: PgConnection) => {
        used = connection
      }
      work({ on, begun }).then(resolve, reject).finally(begun)
    })
  }

  #use(position: ReplicaPosition): void {
    const { reason = this.#doubt(position), lagMs } = this.#judge(position)
    this.#seen = { ...position, at: performance.now() }
    if (reason === undefined) {
      this.#reason = undefined
      this.#deps.onState({ replica: this.#deps.replica, isUsed: true, reason, lagMs })
    } else if (reason !== unchecked || this.isUsed) this.leaveOut(reason, lagMs)
  }

  #mustBeFit(rows: Parameters<typeof replicaPosition>[0]): void {
    const { reason } = this.#judge(replicaPosition(rows))
    if (reason !== undefined) throw new StoreError('unavailable', reason)
  }

  /** A server that is ahead of its primary has another history: the primary has lost the end of its log. */
  #doubt({ log }: ReplicaPosition): string | undefined {
    const seen = this.#seen
    if (seen?.log !== log) return unchecked
    return this.#deps.samples.disprove(seen) ? 'ahead of the primary' : undefined
  }

  #judge(position: ReplicaPosition): { readonly reason?: string; readonly lagMs?: number } {
    const { samples, maxLagMs } = this.#deps
    const { isInRecovery, log, replayed } = position
    if (!isInRecovery) return { reason: 'not in recovery' }
    if (replayed === undefined) return { reason: 'tells no position' }
    if (log !== samples.log) return { reason: 'replays another log than the one of the primary' }
    const lagMs = samples.lagAt(performance.now(), position)
    if (lagMs > maxLagMs) return { reason: `more than ${maxLagMs} ms behind`, ...(lagMs < Infinity && { lagMs }) }
    return { lagMs: Math.max(0, Math.round(lagMs)) }
  }
}

const textOf = (error: unknown): string => {
  if (isStoreError(error)) return error.message
  return error instanceof Error ? error.message : String(error)
}
