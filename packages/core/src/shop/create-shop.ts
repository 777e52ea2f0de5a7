import { type AuditReport, auditStore } from '../audit/audit.js'
import { expireOrder } from '../commands/order/expire-order.js'
import { refreshRanking } from '../commands/ranking/refresh-ranking.js'
import type { Command } from '../engine/command.js'
import type { ExecutorObserver } from '../engine/commit-group.js'
import { executeWithin } from '../engine/execute-within.js'
import { Executor, type ExecutorLimits } from '../engine/executor.js'
import type { FencedInput } from '../engine/fence.js'
import { type CommandMiddleware, composeMiddleware } from '../engine/middleware.js'
import type { CommandCall, IdempotencyKey, Outcome } from '../engine/outcome.js'
import { ViewCounter } from '../engine/view-counter.js'
import { minSentRetentionMs } from '../model/event.js'
import { type RankingView, rankingWindow } from '../model/ranking.js'
import type { Policies } from '../policies/policies.js'
import { resolvePolicies } from '../policies/resolve-policies.js'
import { type NewId, timeOrderedIds } from '../shared/id.js'
import { ShopRefusal } from '../shared/refusal.js'
import { singleFlight } from '../shared/single-flight.js'
import type { Timer } from '../shared/timer.js'
import type { Retention, Store } from '../store/store.js'
import { bindCalls, bindOutcomeCalls, type CallOptions, type Calls, type OutcomeCalls } from './calls.js'
import { type ShopReads, shopReads } from './reads.js'

export interface ShopOptions<Tx> {
  readonly store: Store<Tx>
  /** The `standard` preset, where left out. */
  readonly policies?: Policies
  readonly newId?: NewId
  readonly limits?: Partial<ExecutorLimits>
  /** Wraps every command; the first is the outermost. It does not run in `within`. @default [] */
  readonly middleware?: readonly CommandMiddleware[]
  readonly observer?: ExecutorObserver
  readonly timer?: Timer
}

/** What scheduled jobs call: each may run at any time, on any number of servers; overlapping runs have one effect. */
export interface ShopUpkeep {
  /** Ends pending orders whose deadline has passed, at most `limit` of them; answers how many. */
  expireOrders(options?: FencedInput & { readonly limit?: number }): Promise<number>
  /** Computes the popular products. */
  refreshRanking(options?: FencedInput & CallOptions): Promise<Outcome<RankingView>>
  /** Writes the views that this process has counted. */
  flushViews(): Promise<void>
  /** Removes what has outlived its use, at most `limit` rows of each kind; answers how many went. */
  purge(retention: Retention, limit?: number): Promise<number>
  /** Keeps the daily sums by the days of the policy's time zone; answers whether they had to be made anew. */
  ensureSales(): Promise<boolean>
}

type Merged<A, B> = {
  readonly [K in keyof A | keyof B]: (K extends keyof A ? A[K] : unknown) & (K extends keyof B ? B[K] : unknown)
}

/** The shop as one object: commands and reads, by noun. Refusals are thrown as ShopRefusal. */
export type Shop<Tx = never> = Merged<Calls, ShopReads> & {
  readonly policies: Policies
  readonly upkeep: ShopUpkeep
  /** Any command, its outcome as a value. */
  execute<Input, Result>(command: Command<Input, Result>, input: Input, options?: CallOptions): Promise<Outcome<Result>>
  /**
   * Commands inside a transaction that the caller owns. Outcomes are values: throwing a refusal would undo the caller's
   * work. Middleware does not run here.
   */
  within(tx: Tx): OutcomeCalls
  /** Checks every law on one snapshot of the live data. Calls during an audit share its report. */
  audit(): Promise<AuditReport>
  /** Commands waiting or under way. */
  readonly queued: number
  /** Answers those who wait, turns new callers away, writes the counted views. The store stays open. */
  close(): Promise<void>
}

const merge = (a: object, b: object): object =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((noun) => [
      noun,
      { ...(a as Record<string, object>)[noun], ...(b as Record<string, object>)[noun] },
    ]),
  )

/** Puts a shop together. The store decides what the time is. */
export const createShop = <Tx = never>(options: ShopOptions<Tx>): Shop<Tx> => {
  const { store, policies = resolvePolicies(), newId = timeOrderedIds(), middleware = [] } = options
  const executor = new Executor({ ...options, policies, newId })
  const run = composeMiddleware(middleware, (call) => executor.submit(call))
  const views = new ViewCounter(store.upkeep)
  const callOf = (
    command: CommandCall['command'],
    input: unknown,
    idempotency: IdempotencyKey | undefined,
  ): CommandCall => ({
    command,
    input,
    idempotency,
  })

  const execute = (command: CommandCall['command'], input: unknown, call?: CallOptions) =>
    run(callOf(command, input, call?.idempotency))

  const calls = bindCalls(async (command, input, call) => {
    const outcome = await execute(command, input, call)
    if (!outcome.ok) throw new ShopRefusal(outcome.refusal, outcome.replayed)
    return outcome.result
  })

  const upkeep: ShopUpkeep = {
    async expireOrders({ fence, limit = 500 } = {}) {
      const orderIds = await store.reads.overdueOrders({ limit })
      const outcomes = await Promise.all(orderIds.map((orderId) => execute(expireOrder, { orderId, fence })))
      return outcomes.filter(({ ok }) => ok).length
    },
    async refreshRanking({ fence, idempotency } = {}) {
      const { now } = await store.reads.ranking()
      const window = rankingWindow(policies.ranking, now)
      return (await execute(
        refreshRanking,
        { window, fence },
        { idempotency: idempotency && { request: {}, ...idempotency } },
      )) as Outcome<RankingView>
    },
    flushViews: () => views.flush(),
    async purge(retention, limit = 10_000) {
      if (retention.sentEventsMs < minSentRetentionMs) {
        throw new RangeError(`sent events are kept at least ${minSentRetentionMs} ms: ${retention.sentEventsMs}`)
      }
      return store.upkeep.purge(retention, limit)
    },
    ensureSales: () => store.upkeep.ensureSales(policies.ranking.timeZone),
  }

  const parts = {
    policies,
    upkeep,
    execute,
    within(tx: Tx): OutcomeCalls {
      if (!store.within) throw new Error('this store cannot work inside a transaction of the caller')
      const transactor = store.within(tx)
      return bindOutcomeCalls((command, input, call) =>
        executeWithin(transactor, callOf(command, input, call?.idempotency), { policies, newId }),
      )
    },
    audit: singleFlight(() => auditStore(store)),
    get queued() {
      return executor.queued
    },
    async close() {
      await executor.close()
      // Views may get lost; the store may be away already.
      await views.flush().catch(() => undefined)
    },
  }
  return Object.defineProperties(
    merge(calls, shopReads(store.reads, policies, views)),
    Object.getOwnPropertyDescriptors(parts),
  ) as Shop<Tx>
}
