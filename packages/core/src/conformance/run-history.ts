import { auditStore } from '../audit/audit.js'
import { laws } from '../audit/laws.js'
import { sweepDeadlineMs } from '../audit/lot-laws.js'
import type { AnyCommand } from '../engine/command.js'
import type { Policies } from '../policies/policies.js'
import { canonicalJson } from '../shared/canonical-json.js'
import { commands } from '../shop/commands.js'
import type { Shop } from '../shop/shop.js'
import type { Statement, StatementQuery } from '../shop/statement.js'
import type { Store } from '../store/store.js'
import type { ManualClock } from '../testing/manual-clock.js'
import { Client, companionsOf, type Guard } from './client.js'
import { Receiver } from './delivery.js'
import { hasReference, Journal, type Recorded, transcript } from './journal.js'
import type { KitCompanion, Peeked } from './kit/harness.js'
import { effectsOf, isKept } from './laws/effects-of.js'
import { historyLaws } from './laws/history-laws.js'
import type { Replay, Restated, Run } from './laws/run.js'
import { dayIn } from './oracle/views.js'
import { lookAtEverything, statementsOf } from './reading.js'
import { staleReads } from './stale-lists.js'
import { closing, closingBranch, describeHistory, type History, type Step, startOfHistory } from './steps.js'

/** The shops on which a history is played. */
export interface Stage {
  /** The shops under test, all on the same data. Branch n uses shop n modulo their number. */
  readonly shops: readonly Shop<never>[]
  /** A shop and its store without faults, used to judge the run. */
  readonly judge: { readonly shop: Shop<never>; readonly store: Store<never> }
  /** The store's clock. */
  readonly clock: ManualClock
  /** Whether callers may get UNAVAILABLE. */
  readonly isFaulty?: boolean
  /**
   * Whether decisions are invisible, for example in another process. Then the order of two orders placed in the same
   * millisecond is unknown, and `LINEARIZABLE` is not checked.
   */
  readonly isOrderUnknown?: boolean
  /** Gives every command a key, so that its outcome can be determined. */
  readonly keyAll?: boolean
  /** Wraps every command. */
  readonly guard?: Guard
  /** Stops the injected faults once all branches are done. */
  readonly heal?: () => void | Promise<void>
  /** Reads the data without the store. */
  readonly peek?: () => Promise<Peeked>
  /** A companion of the store: commands bring rows of it along. */
  readonly companion?: KitCompanion | undefined
}

/** A broken law, and where it was found. */
export interface BrokenLaw {
  /** The id of the law. */
  readonly law: string
  /** A readable description. */
  readonly text: string
}

/** A history that broke a law. The message lists the broken laws and the history that led to them. */
export class HistoryBroken extends Error {
  /** The same for every such error. */
  override readonly name = 'HistoryBroken'
  /** Every broken law. */
  readonly problems: readonly BrokenLaw[]

  /** Makes the error from the broken laws and the history that led to them. */
  constructor(problems: readonly BrokenLaw[], history: History, journal: Journal) {
    const lines = problems.map(({ law, text }) => `${law}: ${text}`)
    super(
      [`${problems.length} broken:`, ...lines, '', describeHistory(history), '', transcript(journal), ''].join('\n'),
    )
    this.problems = problems
  }
}

const dayMs = 86_400_000

const alwaysLaws: ReadonlySet<string> = new Set(laws.filter(({ kind }) => kind === 'always').map(({ id }) => id))

/** Broken laws of the store. */
const broken = async (store: Store<never>, when: string, ids?: ReadonlySet<string>): Promise<readonly BrokenLaw[]> => {
  const { violations } = await auditStore(store)
  return violations
    .filter(({ law }) => !ids || ids.has(law))
    .map(({ law, subject, expected, actual }) => ({
      law,
      text: `${when}, ${subject} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
    }))
}

/** The day before the first step, up to the day of the clock, in the time zone of the statement. */
const daysUntil = (now: number, { ranking: { timeZone } }: Policies): readonly string[] => {
  const days = new Set<string>()
  for (let at = startOfHistory - dayMs; at < now; at += dayMs) days.add(dayIn(at, timeZone))
  return [...days.add(dayIn(now, timeZone))]
}

/** The users and products of a run. */
const concerned = ({ records }: Journal): { users: readonly string[]; products: readonly string[] } => {
  const users = new Set<string>()
  const products = new Set<string>()
  for (const { call, answer } of records) {
    const result = answer.kind === 'ok' && typeof answer.result === 'object' ? answer.result : {}
    for (const { userId, productId } of [call.input, result ?? {}] as { userId?: string; productId?: string }[]) {
      if (userId !== undefined) users.add(userId)
      if (productId !== undefined) products.add(productId)
    }
  }
  return { users: [...users], products: [...products] }
}

/** A correct store drains in a few dozen rounds. If a broken one does not, the laws report it. */
const maxTurns = 500

/** Lets every deadline pass, sweeps, and relays until nothing is pending. The receiver fails every third time. */
const drain = async ({ judge, clock }: Stage, receiver: Receiver): Promise<void> => {
  const { holdMinutes } = judge.shop.policies.order
  clock.move(Math.ceil(holdMinutes * 60_000) + sweepDeadlineMs + 1)
  for (let turn = 0; turn < maxTurns && (await judge.shop.upkeep.expireOrders()) > 0; turn += 1);
  const sweepLots = async () => {
    for (let turn = 0; turn < maxTurns && (await judge.shop.upkeep.expireLots()) > 0; turn += 1);
  }
  await sweepLots()
  let attempts = 0
  const flakyReceiver = () => {
    attempts += 1
    return attempts % 3 === 0 ? ({ kind: 'failed', error: 'not now' } as const) : ({ kind: 'sent' } as const)
  }
  for (let turn = 0; turn < maxTurns; turn += 1) {
    // Two relays at once: neither may claim an event that the other holds.
    const claimed = await Promise.all([1, 2].map(() => receiver.relay(judge.store.outbox, flakyReceiver)))
    const { pending } = await judge.shop.outbox.counts()
    if (pending === 0) return sweepLots()
    if (claimed.every((count) => count === 0)) clock.move(1_000)
  }
}

/** Plays a history and resolves with what happened. `watch` is called after every answer. */
const play = async (
  { start, branches }: History,
  { shops, judge, clock, keyAll = false, guard, heal, companion }: Stage,
  { journal, receiver, watch }: { journal: Journal; receiver: Receiver; watch: () => Promise<void> },
): Promise<void> => {
  const client = (branch: number, alone: boolean) =>
    new Client({
      shop: shops[Math.max(0, branch) % shops.length] as Shop<never>,
      outbox: judge.store.outbox,
      clock,
      journal,
      receiver,
      branch,
      alone,
      keyAll,
      guard,
      companion: companion?.name,
      stale: staleReads(judge.store),
    })
  const alone = branches.length === 1
  const walk = async (steps: readonly Step[], branch: number, own = client(branch, alone)): Promise<void> => {
    for (const step of steps) {
      await own.perform(step)
      await watch()
    }
  }
  await walk(start, 0)
  await Promise.all(branches.map((steps, index) => walk(steps, index + 1)))
  await heal?.()
  await walk(closing(alone), closingBranch, client(closingBranch, true))
}

type Commands = Readonly<Record<string, Readonly<Record<string, AnyCommand>>>>

const codeOf = ({ answer }: Recorded): string | undefined =>
  answer.kind === 'refused' ? answer.refusal.code : undefined

/** Repeats every command with a key, and every command that a reference answers without its key. */
const replay = async ({ records }: Journal, { judge: { shop }, companion }: Stage): Promise<readonly Replay[]> => {
  const replays: Replay[] = []
  for (const record of records) {
    const { call, answer } = record
    const isReused = codeOf(record) === 'IDEMPOTENCY_KEY_REUSED' || codeOf(record) === 'REFERENCE_REUSED'
    const isKeyed = call.key && (isKept(record) || codeOf(record) === 'IDEMPOTENCY_KEY_REUSED')
    const isReferred = codeOf(record) === 'REFERENCE_REUSED' || (hasReference(call) && answer.kind === 'ok')
    if (!isKeyed && !isReferred) continue
    const [noun = '', method = ''] = call.name.split('.')
    const command = (commands as unknown as Commands)[noun]?.[method] as AnyCommand
    const outcome = await shop.execute(command, call.input, {
      ...(isKeyed && { idempotency: call.key }),
      with: companionsOf(companion?.name, call),
    })
    replays.push({
      call,
      before: canonicalJson(answer.kind === 'ok' ? answer.result : 'refusal' in answer && answer.refusal),
      again: canonicalJson(outcome.ok ? outcome.result : outcome.refusal),
      isMarked: outcome.replayed,
      isReused,
    })
  }
  return replays
}

/** Reads every statement of the history again. */
const restate = async ({ records }: Journal, shop: Shop<never>): Promise<readonly Restated[]> => {
  const restated: Restated[] = []
  for (const { call, answer, now } of records) {
    if (call.name !== 'statement' || answer.kind !== 'ok') continue
    const again = await shop.statement(call.input as StatementQuery)
    restated.push({ call, now, before: answer.result as Statement, again })
  }
  return restated
}

/**
 * Plays the branches of a history concurrently, and judges it.
 *
 * The laws of kind `always` are checked during the history and after it. Once every deadline has passed and every event
 * is delivered, all laws of stored data and all `historyLaws` are checked.
 * @throws HistoryBroken with every broken law
 */
export const runHistory = async (history: History, stage: Stage): Promise<Run> => {
  const { judge, isFaulty = false, isOrderUnknown = false } = stage
  const journal = new Journal()
  const receiver = new Receiver()
  const problems: BrokenLaw[] = []
  let answers = 0
  const watch = async () => {
    answers += 1
    if (answers % 4 === 0 && problems.length === 0) {
      problems.push(...(await broken(judge.store, `after ${answers} answers`, alwaysLaws)))
    }
  }
  await play(history, stage, { journal, receiver, watch })
  problems.push(...(await broken(judge.store, 'after all answers', alwaysLaws)))
  // A store that has lost its balance may never drain.
  if (problems.length > 0) throw new HistoryBroken(problems, history, journal)

  try {
    await drain(stage, receiver)
  } catch (error) {
    const text = `a sweep after the history ended with ${error instanceof Error ? error.stack : error}`
    throw new HistoryBroken([{ law: 'NO-UNEXPECTED-ERROR', text }], history, journal)
  }
  const look = () => lookAtEverything(judge.shop, concerned(journal))
  const sight = await look()
  problems.push(...(await broken(judge.store, 'at the end')))
  const peeked = await stage.peek?.()
  const run: Run = {
    history,
    journal,
    receiver,
    isFaulty,
    isOrderUnknown,
    staleReads: staleReads(judge.store),
    effects: effectsOf(journal),
    sight,
    days: await statementsOf(judge.shop, daysUntil(stage.clock.now(), history.policies)),
    peeked,
    restated: await restate(journal, judge.shop),
    replays: await replay(journal, stage),
    beforeReplays: canonicalJson(sight),
    afterReplays: canonicalJson(await look()),
    companionRows: await stage.companion?.rows(),
  }
  for (const law of historyLaws) problems.push(...law.check(run).map((text) => ({ law: law.id, text })))
  if (problems.length > 0) throw new HistoryBroken(problems, history, journal)
  return run
}
