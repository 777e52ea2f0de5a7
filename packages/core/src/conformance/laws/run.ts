import type { Receiver } from '../delivery.js'
import type { Call, Journal } from '../journal.js'
import type { Peeked } from '../kit/harness.js'
import type { Observation } from '../reading.js'
import type { History } from '../steps.js'
import type { Effects } from './effects-of.js'

/** A command with a key, asked once more after everything was over. */
export interface Replay {
  readonly call: Call
  /** The kept answer, as text: before, and again. */
  readonly before: string
  readonly again: string
  readonly isMarked: boolean
  /** Was the key another request's? Such a refusal is decided anew each time. */
  readonly isReused: boolean
}

/** All that is known of a history that was played, once every deadline has passed and everything is delivered. */
export interface Run {
  readonly history: History
  readonly journal: Journal
  readonly receiver: Receiver
  /** Could callers be told that the shop is away? */
  readonly isFaulty: boolean
  readonly isOrderUnknown: boolean
  readonly effects: Effects
  readonly sight: Observation
  /** What is stored, seen past the adapter; nothing where nobody can. */
  readonly peeked: Peeked | undefined
  readonly replays: readonly Replay[]
  /** All that can be seen, as text, before and after the replays. */
  readonly beforeReplays: string
  readonly afterReplays: string
}

/** Something that is true of every history, whatever its concurrency and its faults. */
export interface HistoryLaw {
  readonly id: string
  readonly sentence: string
  readonly kind: 'history'
  /** What contradicts it, one line each. */
  check(run: Run): readonly string[]
}
