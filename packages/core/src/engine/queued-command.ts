import type { SomeKeys } from '../store/keys.js'
import type { Caller } from './caller-timeouts.js'
import type { Member } from './decide-group.js'
import type { Outcome } from './outcome.js'

/** A command that waits for its answer. */
export interface QueuedCommand extends Member {
  readonly keys: SomeKeys
  readonly caller: Caller
  readonly resolve: (outcome: Outcome<unknown>) => void
  readonly reject: (error: unknown) => void
}
