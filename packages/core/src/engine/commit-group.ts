import type { Policies } from '../policies/policies.js'
import type { NewId } from '../shared/id.js'
import type { Instant } from '../shared/instant.js'
import type { Timer } from '../shared/timer.js'
import { mergeKeys } from '../store/key-lists.js'
import type { SomeKeys } from '../store/keys.js'
import { isUnchanged } from '../store/schema.js'
import type { Store } from '../store/store.js'
import { isStoreError, ShopUnavailable, StoreError } from '../store/store-error.js'
import type { AcknowledgedGroups } from './acknowledged-groups.js'
import type { Caller, Callers } from './callers.js'
import type { RowLocker } from './command-queue.js'
import { decideGroup, type Member, type Verdict } from './decide-group.js'
import type { KnownOutlines } from './known-outlines.js'
import { type ExecutorObserver, notify } from './observer.js'
import { companionFailure, traceparentOf } from './outcome.js'
import type { Semaphore } from './semaphore.js'

/** A command that waits for its outcome. */
export interface QueuedCommand extends Member, RowLocker {
  readonly keys: SomeKeys
  readonly caller: Caller
}

export interface CommitDeps {
  readonly store: Pick<Store, 'transact' | 'committed'>
  readonly policies: Policies
  readonly newId: NewId
  readonly currency?: string | undefined
  readonly timer: Timer
  readonly callers: Callers
  readonly observer: ExecutorObserver
  /** Limits how many commands of split groups run at once, beside the queue's own groups. */
  readonly singles: Semaphore
  readonly maxRetries: number
  readonly acknowledged: AcknowledgedGroups
  readonly known: KnownOutlines
}

/** Answers the callers of a group. */
export type AnswerCallers = () => void

type DecidedGroup = ReturnType<typeof decideGroup> & { readonly at: Instant }

type Attempt = { readonly verdicts: readonly Verdict[] } | { readonly error: unknown }

/**
 * Commits a group in one transaction. Resolves with a function that answers its callers, and never rejects: every error,
 * even a bug of the host, becomes an answer.
 *
 * - Committed: the callers get their outcomes.
 * - `conflict`, `unavailable`: the group is retried after a growing backoff, at most `maxRetries` times.
 * - `busy`, `rejected`, and `conflict` after the last retry: the group is split. Each command runs alone, so that one
 *   cannot fail the others. A command that is alone already is rejected, or refused if its companion rows failed.
 * - `unavailable` after the last retry, and errors that are not the store's: the group is rejected.
 * - `ambiguous`: the group waits until the store knows whether it committed. If the store never knows, the callers get
 *   an error with `ambiguous: true`.
 *
 * Commands whose caller has timed out are dropped before each attempt.
 */
export const commitGroup = async (commands: readonly QueuedCommand[], deps: CommitDeps): Promise<AnswerCallers> => {
  let group = commands
  try {
    group = dropTimedOut(commands, deps)
    for (let retries = 0; group.length > 0; retries += 1) {
      const attempt = await attemptCommit(group, deps)
      if ('verdicts' in attempt) return resolveAll(group, attempt.verdicts, deps)
      const { error } = attempt
      if (!isStoreError(error)) return rejectAll(group, error, deps)
      if (error.kind === 'ambiguous' || error.kind === 'unavailable') deps.acknowledged.suspect()
      if (error.kind === 'ambiguous') return rejectAll(group, outcomeUnknown(error), deps)
      for (const { caller } of group) caller.isRunning = false
      const isRetried = (error.kind === 'conflict' || error.kind === 'unavailable') && retries < deps.maxRetries
      const isSplit = !isRetried && error.kind !== 'unavailable' && group.length > 1
      notify(deps.observer, 'onRetry', { kind: error.kind, size: group.length, split: isSplit })
      if (isSplit) return splitGroup(group, deps)
      const failed = companionFailure(error)
      if (failed) return resolveAll(group, [{ outcome: failed, hasWritten: false }], deps)
      if (!isRetried) return rejectAll(group, error.kind === 'rejected' ? error : storeUnavailable(error), deps)
      await deps.timer.pause(deps.timer.random() * 5 * 2 ** retries)
      group = dropTimedOut(group, deps)
    }
    return noCallers
  } catch (bug) {
    return rejectAll(group, bug, deps)
  }
}

/** Rejects the commands whose caller has timed out, before they run. Returns the others. */
const dropTimedOut = (group: readonly QueuedCommand[], { timer, callers }: CommitDeps): readonly QueuedCommand[] => {
  const now = timer.elapsedMs()
  return group.filter(({ caller }) => {
    const error = callers.timeoutError(caller, now)
    if (error) callers.reject(caller, error)
    return !error
  })
}

/** One transaction. If its commit is in doubt, resolves once the store knows. */
const attemptCommit = async (group: readonly QueuedCommand[], deps: CommitDeps): Promise<Attempt> => {
  const { store, timer, newId, observer, acknowledged, known } = deps
  const groupId = newId()
  const startedAt = timer.elapsedMs()
  for (const { caller } of group) caller.isRunning = true
  let decided: DecidedGroup | undefined
  const keys = mergeKeys(group.map((command) => command.keys))
  try {
    await store.transact(
      keys,
      (loaded) => {
        decided = { ...decideGroup(group, keys, loaded, deps), at: loaded.now }
        return decided.changes
      },
      { groupId },
    )
  } catch (error) {
    if (!isStoreError(error) || error.kind !== 'ambiguous') return { error }
    const committed = await resolveDoubt(groupId, group, deps)
    if (committed === 'unknown') return { error }
    // The commit can no longer happen, as if the connection had been lost before it.
    if (!committed) return { error: new StoreError('unavailable', 'the commit did not happen', { cause: error }) }
  }
  if (!decided) return { error: new Error('the store committed without asking for a decision') }
  if (acknowledged.isOn) remember(acknowledged, { groupId, group, decided })
  known.learn(decided.changes.orders.inserted, keys.lock.orders)
  const { inserted, updated } = decided.changes.events
  const hasEvents = inserted.length + updated.length > 0
  const traceparents = group.map(({ call }) => traceparentOf(call)).filter((each) => each !== undefined)
  notify(observer, 'onGroup', { size: group.length, ms: timer.elapsedMs() - startedAt, hasEvents, traceparents })
  return decided
}

/** Remembers what the callers of a committed group are answered. A group without a change has no mark, and is left out. */
const remember = (
  acknowledged: AcknowledgedGroups,
  { groupId, group, decided }: { groupId: string; group: readonly QueuedCommand[]; decided: DecidedGroup },
): void => {
  const { verdicts, changes, at } = decided
  // No caller waits for the record of a loss. If it is lost, too, the watch records it again.
  let commands = 0 - changes.historyLosses.inserted.length
  for (const [index, { caller }] of group.entries()) {
    const verdict = verdicts[index]
    if (verdict && 'outcome' in verdict && verdict.hasWritten && !caller.hasTimedOut) commands += 1
  }
  if (commands < 1 || isUnchanged(changes)) return
  const { inserted, updated } = changes.orders
  const orderIds = [...inserted, ...updated].map(({ orderId }) => orderId)
  acknowledged.add({ groupId, at, commands, orderIds })
}

/** Asks whether the group committed until the store knows, or the last caller has timed out. No retry may start before. */
const resolveDoubt = async (
  groupId: string,
  group: readonly QueuedCommand[],
  { store, timer, callers }: CommitDeps,
): Promise<boolean | 'unknown'> => {
  const deadline = callers.lastDeadline(group.map(({ caller }) => caller))
  for (let tries = 0; ; tries += 1) {
    try {
      return await store.committed(groupId)
    } catch (error) {
      if (!isStoreError(error) || timer.elapsedMs() >= deadline) return 'unknown'
      await timer.pause(Math.min(1_000, 20 * 2 ** tries) * (0.5 + timer.random() / 2))
    }
  }
}

/**
 * Runs each command as a group of its own, which answers its caller itself. Commands that share a row run one after another:
 * at once they would only wait for each other, or conflict where transactions are serializable.
 */
const splitGroup = (group: readonly QueuedCommand[], deps: CommitDeps): AnswerCallers => {
  const last = new Map<string, Promise<void>>()
  for (const command of group) {
    const earlier = command.rows.map((row) => last.get(row))
    const running = Promise.all(earlier).then(() =>
      deps.singles.run(async () => {
        const answer = await commitGroup([command], deps)
        answer()
      }),
    )
    for (const row of command.rows) last.set(row, running)
  }
  return noCallers
}

const outcomeUnknown = (cause: StoreError) =>
  new ShopUnavailable('the store could not tell whether it committed', { cause, ambiguous: true })

/** If the store timed out waiting for a lock, the message names the rows. */
const storeUnavailable = (cause: StoreError) =>
  new ShopUnavailable(`${cause.kind === 'busy' ? cause.message : 'the store did not answer'}; nothing was changed`, {
    cause,
  })

const noCallers: AnswerCallers = () => {}

const resolveAll =
  (group: readonly QueuedCommand[], verdicts: readonly Verdict[], { callers }: CommitDeps): AnswerCallers =>
  () => {
    for (const [index, { caller }] of group.entries()) {
      const verdict = verdicts[index]
      if (verdict && 'outcome' in verdict) callers.resolve(caller, verdict.outcome)
      else callers.reject(caller, verdict?.bug)
    }
  }

const rejectAll =
  (group: readonly QueuedCommand[], error: unknown, { callers }: CommitDeps): AnswerCallers =>
  () => {
    for (const { caller } of group) callers.reject(caller, error)
  }
