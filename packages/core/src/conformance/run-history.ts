import { auditStore } from '../audit/audit.js'
import { laws, sweepDeadlineMs } from '../audit/laws.js'
import type { AnyCommand } from '../engine/command.js'
import { canonicalJson } from '../shared/canonical-json.js'
import { commands } from '../shop/commands.js'
import type { Shop } from '../shop/shop.js'
import type { Store } from '../store/store.js'
import type { ManualClock } from '../testing/manual-clock.js'
import { Client, type Guard } from './client.js'
import { Receiver } from './delivery.js'
import { Journal, transcript } from './journal.js'
import type { Peeked } from './kit/harness.js'
import { effectsOf, isKept } from './laws/effects-of.js'
import { historyLaws } from './laws/history-laws.js'
import type { Replay, Run } from './laws/run.js'
import { lookAtEverything } from './reading.js'
import { closing, closingBranch, describeHistory, type History, type Step } from './steps.js'

/** Where a history is played. */
export interface Stage {
  /** The shops under test: branch n talks to shop n, counted around. All work on one store. */
  readonly shops: readonly Shop<never>[]
  /** A shop, and its store, on which nothing goes wrong any more: by them the run is judged. */
  readonly judge: { readonly shop: Shop<never>; readonly store: Store<never> }
  /** The store's clock. */
  readonly clock: ManualClock
  /** May callers be told that the shop is away? */
  readonly isFaulty?: boolean
  /**
   * Nobody sees when commands are decided: in another process, for example. Of two orders that were placed in one standing
   * millisecond nobody then knows which came first, and `LINEARIZABLE` says nothing.
   */
  readonly isOrderUnknown?: boolean
  /** Gives every command a key, so that its outcome can be found out. */
  readonly keyAll?: boolean
  /** Stands around every command. */
  readonly guard?: Guard
  /** Stops what goes wrong on purpose, once all branches are done. */
  readonly heal?: () => void | Promise<void>
  /** Looks past the store at its data. */
  readonly peek?: () => Promise<Peeked>
}

/** What does not hold, and where it was seen. */
export interface Problem {
  /** The id of the law. */
  readonly law: string
  /** What was seen, for people. */
  readonly text: string
}

/** A history after which something does not hold. Its message is for people: what, and everything that led there. */
export class HistoryBroken extends Error {
  /** The same for every such error. */
  override readonly name = 'HistoryBroken'
  /** Everything that does not hold. */
  readonly problems: readonly Problem[]

  /** Makes the error that lists these problems and the history that led there. */
  constructor(problems: readonly Problem[], history: History, journal: Journal) {
    const lines = problems.map(({ law, text }) => `${law}: ${text}`)
    super(
      [`${problems.length} broken:`, ...lines, '', describeHistory(history), '', transcript(journal), ''].join('\n'),
    )
    this.problems = problems
  }
}

const alwaysLaws: ReadonlySet<string> = new Set(laws.filter(({ kind }) => kind === 'always').map(({ id }) => id))

/** Broken laws of the store. */
const broken = async (store: Store<never>, when: string, ids?: ReadonlySet<string>): Promise<readonly Problem[]> => {
  const { violations } = await auditStore(store)
  return violations
    .filter(({ law }) => !ids || ids.has(law))
    .map(({ law, subject, expected, actual }) => ({
      law,
      text: `${when}, ${subject} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
    }))
}

/** Who and what turned up in a run. */
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

/** A sound store comes to rest in a few dozen turns; what a broken one leaves undone, the laws tell. */
const maxTurns = 500

/** Lets every deadline pass, sweeps, and relays until nothing waits; the receiver fails every third time. */
const drain = async ({ judge, clock }: Stage, receiver: Receiver): Promise<void> => {
  const { holdMinutes } = judge.shop.policies.order
  clock.move(Math.ceil(holdMinutes * 60_000) + sweepDeadlineMs + 1)
  for (let turn = 0; turn < maxTurns && (await judge.shop.upkeep.expireOrders()) > 0; turn += 1);
  let attempts = 0
  const flakyReceiver = () => {
    attempts += 1
    return attempts % 3 === 0 ? ({ kind: 'failed', error: 'not now' } as const) : ({ kind: 'sent' } as const)
  }
  for (let turn = 0; turn < maxTurns; turn += 1) {
    // Two relays at once: neither may take what the other one holds.
    const claimed = await Promise.all([1, 2].map(() => receiver.relay(judge.store.outbox, flakyReceiver)))
    const { pending } = await judge.shop.outbox.counts()
    if (pending === 0) return
    if (claimed.every((count) => count === 0)) clock.move(1_000)
  }
}

/** Plays a history and answers what happened; `watch` is called after every answer. */
const play = async (
  { start, branches }: History,
  { shops, judge, clock, keyAll = false, guard, heal }: Stage,
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

/** Everything that had a key, once more. */
const replay = async ({ records }: Journal, shop: Shop<never>): Promise<readonly Replay[]> => {
  const replays: Replay[] = []
  for (const record of records) {
    const { call, answer } = record
    const isReused = answer.kind === 'refused' && answer.refusal.code === 'IDEMPOTENCY_KEY_REUSED'
    if (!call.key || !(isKept(record) || isReused)) continue
    const [noun = '', method = ''] = call.name.split('.')
    const command = (commands as unknown as Commands)[noun]?.[method] as AnyCommand
    const outcome = await shop.execute(command, call.input, { idempotency: call.key })
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

/**
 * Plays a history, all its branches at once, and judges it: the always-laws during and after; then, once every deadline
 * has passed and everything is delivered, all laws of the store and every `historyLaw`.
 * @throws HistoryBroken with all that does not hold.
 */
export const runHistory = async (history: History, stage: Stage): Promise<Run> => {
  const { judge, isFaulty = false, isOrderUnknown = false } = stage
  const journal = new Journal()
  const receiver = new Receiver()
  const problems: Problem[] = []
  let answers = 0
  const watch = async () => {
    answers += 1
    if (answers % 4 === 0 && problems.length === 0) {
      problems.push(...(await broken(judge.store, `after ${answers} answers`, alwaysLaws)))
    }
  }
  await play(history, stage, { journal, receiver, watch })
  problems.push(...(await broken(judge.store, 'after all answers', alwaysLaws)))
  // A store that has lost its balance may never come to rest.
  if (problems.length > 0) throw new HistoryBroken(problems, history, journal)

  await drain(stage, receiver)
  const look = () => lookAtEverything(judge.shop, concerned(journal))
  const sight = await look()
  problems.push(...(await broken(judge.store, 'once all is done')))
  const peeked = await stage.peek?.()
  const run: Run = {
    history,
    journal,
    receiver,
    isFaulty,
    isOrderUnknown,
    effects: effectsOf(journal),
    sight,
    peeked,
    replays: await replay(journal, judge.shop),
    beforeReplays: canonicalJson(sight),
    afterReplays: canonicalJson(await look()),
  }
  for (const law of historyLaws) problems.push(...law.check(run).map((text) => ({ law: law.id, text })))
  if (problems.length > 0) throw new HistoryBroken(problems, history, journal)
  return run
}
