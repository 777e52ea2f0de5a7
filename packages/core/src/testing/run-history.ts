import { auditStore } from '../audit/audit.js'
import { laws, sweepDeadlineMs } from '../audit/laws.js'
import type { Shop } from '../shop.js'
import type { Store } from '../store/store.js'
import { checkAcknowledged, checkConservation } from './checks/acknowledged.js'
import { compareAlone, compareTogether } from './checks/against-oracle.js'
import { checkDelivered } from './checks/delivered.js'
import { checkAnswers, effectsOf } from './checks/effects.js'
import { checkReplay } from './checks/replay.js'
import { Client } from './client.js'
import { Receiver } from './delivery.js'
import { Journal, transcript } from './journal.js'
import type { ManualClock } from './manual-clock.js'
import { lookAtEverything, type Sight } from './reading.js'
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
  /** Gives every command a key, so that its outcome can be found out. */
  readonly keyAll?: boolean
  /** Stops what goes wrong on purpose, once all branches are done. */
  readonly heal?: () => void
}

/** A history after which something does not hold. Its message is for people: what, and everything that led there. */
export class HistoryBroken extends Error {
  override readonly name = 'HistoryBroken'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], history: History, journal: Journal) {
    super(
      [`${problems.length} broken:`, ...problems, '', describeHistory(history), '', transcript(journal), ''].join('\n'),
    )
    this.problems = problems
  }
}

const alwaysLaws: ReadonlySet<string> = new Set(laws.filter(({ kind }) => kind === 'always').map(({ id }) => id))

/** Broken laws, one line each. */
const broken = async (store: Store<never>, ids?: ReadonlySet<string>): Promise<readonly string[]> => {
  const { violations } = await auditStore(store)
  return violations
    .filter(({ law }) => !ids || ids.has(law))
    .map(({ law, subject, expected, actual }) => {
      return `${law}: ${subject} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`
    })
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

/** Lets every deadline pass, sweeps, and relays until nothing waits; the receiver fails every third time. */
const drain = async ({ judge, clock }: Stage, receiver: Receiver): Promise<void> => {
  const { holdMinutes } = judge.shop.policies.order
  clock.move(Math.ceil(holdMinutes * 60_000) + sweepDeadlineMs + 1)
  while ((await judge.shop.upkeep.expireOrders()) > 0);
  let attempts = 0
  const moody = () => {
    attempts += 1
    return attempts % 3 === 0 ? ({ kind: 'failed', error: 'not now' } as const) : ({ kind: 'sent' } as const)
  }
  for (;;) {
    // Two relays at once: neither may take what the other one holds.
    const claimed = await Promise.all([1, 2].map(() => receiver.relay(judge.store.outbox, moody)))
    const { pending } = await judge.shop.outbox.counts()
    if (pending === 0) return
    if (claimed.every((count) => count === 0)) clock.move(1_000)
  }
}

/** Plays a history and answers what happened; `watch` is called after every answer. */
const play = async (
  { start, branches }: History,
  { shops, judge, clock, keyAll = false, heal }: Stage,
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
  heal?.()
  await walk(closing(alone), closingBranch, client(closingBranch, true))
}

/**
 * Plays a history, all its branches at once, and judges it: no unexpected error; every always-law during and after; the
 * oracle's answers; and once every deadline has passed and everything is delivered, the eventually-laws, delivery,
 * acknowledged effects there and refused ones not, money and units conserved, and a replay of every key without effect.
 * @throws HistoryBroken with all that does not hold.
 */
export const runHistory = async (history: History, stage: Stage): Promise<{ journal: Journal; sight: Sight }> => {
  const { judge, isFaulty = false } = stage
  const journal = new Journal()
  const receiver = new Receiver()
  const during = new Set<string>()
  let answers = 0
  const watch = async () => {
    answers += 1
    if (answers % 4 === 0) for (const problem of await broken(judge.store, alwaysLaws)) during.add(`during: ${problem}`)
  }
  await play(history, stage, { journal, receiver, watch })

  const problems = [...during, ...(await broken(judge.store, alwaysLaws)), ...checkAnswers(journal, isFaulty)]
  problems.push(...(history.branches.length === 1 ? compareAlone : compareTogether)(journal, history.policies))
  await drain(stage, receiver)
  const sight = await lookAtEverything(judge.shop, concerned(journal))
  const effects = effectsOf(journal)
  problems.push(
    ...(await broken(judge.store)).map((problem) => `drained: ${problem}`),
    ...checkDelivered(sight.events, receiver),
    ...checkAcknowledged(sight, effects),
    ...checkConservation(sight, effects),
    ...(await checkReplay(journal, judge.shop, () => lookAtEverything(judge.shop, concerned(journal)))),
  )
  if (problems.length > 0) throw new HistoryBroken(problems, history, journal)
  return { journal, sight }
}
