import type { Statement } from '../../shop/statement.js'
import type { CompanionRow } from '../../store/rows.js'
import type { Receiver } from '../delivery.js'
import type { CallRequest, Journal } from '../journal.js'
import type { Peeked } from '../kit/harness.js'
import type { Observation } from '../reading.js'
import type { History } from '../steps.js'
import type { Effects } from './effects-of.js'

/** A command with a key or a reference, repeated after everything has ended. */
export interface Replay {
  /** The command. */
  readonly call: CallRequest
  /** The kept answer, as text. */
  readonly before: string
  /** The answer to the repeated call, as text. */
  readonly again: string
  /** Whether the second answer was marked as a replay. */
  readonly isMarked: boolean
  /** Whether the key or the reference belongs to another request. Such a refusal is decided again each time. */
  readonly isReused: boolean
}

/** A statement that a caller read, and read again at the end. */
export interface Restated {
  /** What it read. */
  readonly call: CallRequest
  /** The clock of the first reading. */
  readonly now: number
  /** The first answer. */
  readonly before: Statement
  /** The second answer. */
  readonly again: Statement
}

/** A played history, after every deadline has passed and every event is delivered. */
export interface Run {
  /** What was played. */
  readonly history: History
  /** Every call with its answer. */
  readonly journal: Journal
  /** What the receiver of events saw. */
  readonly receiver: Receiver
  /** Whether callers may get UNAVAILABLE. */
  readonly isFaulty: boolean
  /** Whether the order of the decisions is unknown. */
  readonly isOrderUnknown: boolean
  /** The reads that may be of an earlier moment. */
  readonly staleReads: ReadonlySet<string>
  /** The certain and the possible effects. */
  readonly effects: Effects
  /** Everything that reads show at the end. */
  readonly sight: Observation
  /** The statement of each day from the one before the first step to the last, at the end. */
  readonly days: readonly Statement[]
  /** The stored data, read without the adapter. Undefined if the harness cannot read it. */
  readonly peeked: Peeked | undefined
  /** Every command with a key or a reference, repeated. */
  readonly replays: readonly Replay[]
  /** Every statement, read again. */
  readonly restated: readonly Restated[]
  /** All reads before the replays, as text. */
  readonly beforeReplays: string
  /** All reads after the replays, as text. */
  readonly afterReplays: string
  /** The rows of the companion after the replays. Undefined if the store has none. */
  readonly companionRows: readonly CompanionRow[] | undefined
}

/** A law of every history, with any concurrency and any faults. */
export interface HistoryLaw {
  /** Stable, in capitals. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** Distinguishes it from a law of stored data. */
  readonly kind: 'history'
  /** What contradicts the law, one line each. */
  check(run: Run): readonly string[]
}
