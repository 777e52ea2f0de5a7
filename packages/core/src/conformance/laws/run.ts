import type { Receiver } from '../delivery.js'
import type { Call, Journal } from '../journal.js'
import type { Peeked } from '../kit/harness.js'
import type { Observation } from '../reading.js'
import type { History } from '../steps.js'
import type { Effects } from './effects-of.js'

/** A command with a key, asked once more after everything was over. */
export interface Replay {
  /** The command. */
  readonly call: Call
  /** The kept answer, as text. */
  readonly before: string
  /** The same, asked again. */
  readonly again: string
  /** Was the second answer marked as a replay? */
  readonly isMarked: boolean
  /** Was the key another request's? Such a refusal is decided anew each time. */
  readonly isReused: boolean
}

/** All that is known of a history that was played, once every deadline has passed and everything is delivered. */
export interface Run {
  /** What was played. */
  readonly history: History
  /** Every call with its answer. */
  readonly journal: Journal
  /** What the receiver of events saw. */
  readonly receiver: Receiver
  /** Could callers be told that the shop is away? */
  readonly isFaulty: boolean
  /** Is it unknown in which order commands were decided? */
  readonly isOrderUnknown: boolean
  /** What must have happened, and what may have. */
  readonly effects: Effects
  /** All that can be seen at the end. */
  readonly sight: Observation
  /** What is stored, seen past the adapter; nothing where nobody can. */
  readonly peeked: Peeked | undefined
  /** Every command with a key, asked once more. */
  readonly replays: readonly Replay[]
  /** All that can be seen, as text, before the replays. */
  readonly beforeReplays: string
  /** All that can be seen, as text, after the replays. */
  readonly afterReplays: string
}

/** Something that is true of every history, whatever its concurrency and its faults. */
export interface HistoryLaw {
  /** Stable, in capitals. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** It is about a history, not about stored data. */
  readonly kind: 'history'
  /** What contradicts it, one line each. */
  check(run: Run): readonly string[]
}
