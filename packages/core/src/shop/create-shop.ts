import { auditStore } from '../audit/audit.js'
import { quoteOrder } from '../commands/order/quote-order.js'
import { AcknowledgedGroups } from '../engine/acknowledged-groups.js'
import type { AnyCommand, Command } from '../engine/command.js'
import { dryRuns } from '../engine/dry-run.js'
import { executeWithin } from '../engine/execute-within.js'
import { defaultLimits, Executor, type ExecutorLimits } from '../engine/executor.js'
import { type Guard, guarding } from '../engine/guard.js'
import { type CommandMiddleware, composeMiddleware } from '../engine/middleware.js'
import type { ExecutorObserver } from '../engine/observer.js'
import { type CommandCall, type Outcome, refused } from '../engine/outcome.js'
import type { TransactionScope } from '../engine/transaction-scope.js'
import { ViewCounter } from '../engine/view-counter.js'
import type { Policies } from '../policies/policies.js'
import { resolvePolicies } from '../policies/resolve-policies.js'
import { checkFields } from '../shared/check.js'
import { isCurrency } from '../shared/currency.js'
import { type NewId, timeOrderedIds } from '../shared/id.js'
import { singleFlight } from '../shared/single-flight.js'
import { systemTimer, type Timer } from '../shared/timer.js'
import type { Store, Transactor } from '../store/store.js'
import { balanceOf, balanceWithin } from './balance.js'
import { type CallOptions, checkingOptions, type Execute, observing, throwingRefusals } from './calls.js'
import { couponsOf, couponsWithin } from './coupons.js'
import { historyOf, historyWithin } from './history.js'
import { hostTransactions } from './host-transactions.js'
import { importLimits, importOf } from './import/import.js'
import { ordersOf, ordersWithin, type Quote } from './orders.js'
import { outboxOf, outboxWithin } from './outbox.js'
import { paymentsOf, paymentsWithin } from './payments.js'
import { productsOf, productsWithin } from './products.js'
import type { Reading } from './reading.js'
import { repairOf } from './repair.js'
import type { Shop, ShopWithin } from './shop.js'
import { statementOf } from './statement.js'
import { upkeepOf } from './upkeep.js'
import { usersOf, usersWithin } from './users.js'

/** The parts of a shop. */
export interface ShopOptions<Tx, Opened = unknown> {
  /** The store of the shop's data; it also provides the time. */
  readonly store: Store<Tx, Opened>
  /**
   * The rules, made by {@link resolvePolicies}.
   * @default the `standard` preset
   */
  readonly policies?: Policies
  /**
   * The currency of all amounts, ISO 4217, for example `USD`. It is a label: products, orders, balances and events show it,
   * and no amount changes. Answers that are stored, such as events, keep the label of their time.
   * @default none: no answer names a currency
   */
  readonly currency?: string | undefined
  /**
   * Makes ids of orders, payments, entries and events.
   * @default UUID version 7
   */
  readonly newId?: NewId
  /** Limits of groups, of the queue and of waiting. */
  readonly limits?: Partial<ExecutorLimits>
  /**
   * House rules: every call of their commands passes them, also in `within`, `transaction`, quotes, imports and jobs. They
   * decide in the given order.
   * @default []
   */
  readonly guards?: readonly Guard[]
  /**
   * Wraps every command; the first is the outermost. It does not run in `within` and `transaction`.
   * @default []
   */
  readonly middleware?: readonly CommandMiddleware[]
  /** Called for each command, each group and each retry, for metrics. */
  readonly observer?: ExecutorObserver
  /**
   * How time passes for callers that wait.
   * @default the timer of this process
   */
  readonly timer?: Timer
}

const callOf = (command: AnyCommand, input: unknown, options: CallOptions | undefined): CommandCall => {
  if (options === undefined) return { command, input }
  const { idempotency, context } = options
  return { command, input, idempotency, context, with: options.with }
}

/** `submit` runs calls of any command: the outcome has the result type of the given command. */
const executeBy = (submit: (call: CommandCall) => Promise<Outcome<unknown>>): Execute =>
  checkingOptions(
    <Input, Result>(command: Command<Input, Result>, input: Input, options?: CallOptions<Result>) =>
      submit(callOf(command, input, options as CallOptions)) as Promise<Outcome<Result>>,
  )

/**
 * Creates a shop. The store provides the time.
 *
 * @throws TypeError if `currency` is not the code of a currency.
 * @example
 * const shop = createShop({ store: inMemoryStore(), policies: resolvePolicies('standard', { order: { holdMinutes: 5 } }) })
 */
export const createShop = <Tx = never, Opened = unknown>(options: ShopOptions<Tx, Opened>): Shop<Tx, Opened> => {
  const { store, policies = resolvePolicies(), newId = timeOrderedIds(), middleware = [], limits } = options
  const { guards = [], timer = systemTimer, currency } = options
  if (currency !== undefined && !isCurrency(currency))
    throw new TypeError(`currency must be a code of ISO 4217, for example USD, not ${JSON.stringify(currency)}`)
  const deciding = { policies, newId, currency }
  const guarded = guarding(guards)
  const acknowledged = new AcknowledgedGroups(timer)
  const executor = new Executor({ ...options, ...deciding, acknowledged })
  const importer = new Executor({
    ...options,
    ...deciding,
    acknowledged,
    limits: { ...options.limits, ...importLimits },
  })
  const views = new ViewCounter(store.upkeep)
  const reading: Reading = { reads: store.reads, policies, currency, views }
  const executeOn = (own: Executor) =>
    observing(executeBy(composeMiddleware(middleware, (call) => own.submit(guarded(call)))), options)
  const execute = executeOn(executor)
  const quoteOn = (transactor: Pick<Transactor, 'load'>): Quote => {
    const decide = dryRuns(transactor, { ...deciding, timer })
    return async (input, { context, ...more } = {}) => {
      const errors = checkFields(more, {}, 'options.')
      return errors.length > 0
        ? refused({ code: 'INVALID_REQUEST', errors })
        : (decide(guarded({ command: quoteOrder, input, context })) as ReturnType<Quote>)
    }
  }
  const within = (tx: Tx, scope?: TransactionScope): ShopWithin => {
    if (!store.within) throw new Error('this store cannot work inside a transaction of the caller')
    const joined = store.within(tx)
    const transactor = scope?.over(joined) ?? joined
    const { companions } = store
    const executeInside = executeBy((call) => executeWithin(transactor, guarded(call), { ...deciding, companions }))
    // Reads inside a transaction may still roll back: they count no views.
    const readingInside = { reads: transactor.reads, policies, currency, views: { count: () => {} } }
    return {
      users: usersWithin(executeInside),
      balance: balanceWithin(executeInside, readingInside),
      products: productsWithin(executeInside, readingInside),
      coupons: couponsWithin(executeInside, readingInside),
      orders: ordersWithin(executeInside, quoteOn(transactor), readingInside),
      payments: paymentsWithin(executeInside, readingInside),
      outbox: outboxWithin(executeInside, readingInside),
      history: historyWithin(executeInside, readingInside),
      execute: executeInside,
    }
  }
  const { timeoutMs, maxQueued } = { ...defaultLimits, ...limits }
  const transactions = hostTransactions(store, { maxQueued, timer, within })
  const run = throwingRefusals(execute)
  // Without guards and middleware: no rule of the house may keep a loss from being recorded.
  const record = throwingRefusals(executeBy((call) => executor.submit(call)))
  const { history, stopWatching } = historyOf({ run, record, reading, store, acknowledged, timer })
  const audit = singleFlight(() => auditStore(store))

  return {
    users: usersOf(run),
    balance: balanceOf(run, reading),
    products: productsOf(run, reading),
    coupons: couponsOf(run, reading),
    orders: ordersOf(run, quoteOn(store), reading),
    payments: paymentsOf(run, reading),
    outbox: outboxOf(run, reading),
    history,
    upkeep: upkeepOf(execute, { store, policies, views, acknowledged }),
    policies,
    ...(currency !== undefined && { currency }),
    execute,
    within: (tx) => within(tx),
    transaction: (work, { timeoutMs: own = timeoutMs } = {}) => transactions.run(work, own),
    statement: statementOf(store, policies),
    repair: repairOf(execute, { store, policies }),
    audit,
    import: importOf(executeOn(importer), { store, ...deciding, audit, guarded }),
    get queued() {
      return executor.queued + importer.queued
    },
    async close() {
      await stopWatching()
      await Promise.all([executor.close(), importer.close(), transactions.close()])
      // Views may be lost; the store may already be unavailable.
      await views.flush().catch(() => undefined)
    },
  }
}
