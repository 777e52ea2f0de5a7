import type { Loaded } from '../store/rows.js'
import type { Store, Transactor } from '../store/store.js'
import { StoreError } from '../store/store-error.js'

/** Waits until a port call may begin. */
export type Gate = (label: string) => Promise<void>

/**
 * A store whose every call waits at a gate before it begins – never in the middle: a scheduler that holds back the
 * call's own promise would wait for ever for a row that somebody else has locked.
 */
export const gatedStore = <Tx>(store: Store<Tx>, gate: Gate): Store<Tx> => {
  const gated = <Port extends object>(port: Port, name: string): Port =>
    Object.fromEntries(
      Object.entries(port).map(([method, call]) => [
        method,
        async (...args: unknown[]) => {
          await gate(`${name}.${method}`)
          return (call as (...all: unknown[]) => unknown)(...args)
        },
      ]),
    ) as Port
  const { within } = store
  return {
    supports: store.supports,
    async transact(keys, decide, options) {
      await gate('transact')
      await store.transact(keys, decide, options)
    },
    async outlines(orderIds) {
      await gate('outlines')
      return store.outlines(orderIds)
    },
    async committed(groupId) {
      await gate('committed')
      return store.committed(groupId)
    },
    reads: gated(store.reads, 'reads'),
    outbox: gated(store.outbox, 'outbox'),
    upkeep: gated(store.upkeep, 'upkeep'),
    ...(within && { within: (tx: Tx) => within.call(store, tx) }),
    audit: () => store.audit(),
    ping: () => store.ping(),
  }
}

/**
 * What may go wrong with one transaction. `late-conflict` fails after deciding; `lost-commit` and `lost-answer` lose the
 * connection while the commit is under way, the one before it took effect, the other after.
 */
export type Fault = 'conflict' | 'late-conflict' | 'busy' | 'unavailable' | 'lost-commit' | 'lost-answer' | 'slow'

/** Every {@link Fault}. */
export const faults: readonly Fault[] = [
  'conflict',
  'late-conflict',
  'busy',
  'unavailable',
  'lost-commit',
  'lost-answer',
  'slow',
]

/** What goes wrong, and when. */
export interface FaultPlan {
  /** What goes wrong with the next transaction. */
  next(): Fault | undefined
  /** Does the next question that only reads find the store away? */
  isAway(): boolean
  /** How long `slow` takes. */
  delay(): Promise<void>
}

const decidedInVain = Symbol('decided in vain')

const withoutEffect = async (store: Transactor, ...[keys, decide, options]: Parameters<Transactor['transact']>) => {
  try {
    const inVain = (loaded: Loaded) => {
      decide(loaded)
      throw decidedInVain
    }
    await store.transact(keys, inVain, options)
  } catch (error) {
    if (error !== decidedInVain) throw error
  }
}

/** A store on a bad day: its transactions fail as the plan says, and keep the port's promises while they do. */
export const faultyStore = <Tx>(store: Store<Tx>, plan: FaultPlan): Store<Tx> => {
  const reach = () => {
    if (plan.isAway()) throw new StoreError('unavailable', 'injected: no connection')
  }
  const { within } = store
  return {
    supports: store.supports,
    async transact(keys, decide, options) {
      const fault = plan.next()
      if (fault === 'slow') await plan.delay()
      if (fault === undefined || fault === 'slow') return store.transact(keys, decide, options)
      if (fault === 'late-conflict' || fault === 'lost-commit') await withoutEffect(store, keys, decide, options)
      if (fault === 'lost-answer') await store.transact(keys, decide, options)
      const kind =
        fault === 'late-conflict'
          ? 'conflict'
          : fault === 'lost-commit' || fault === 'lost-answer'
            ? 'ambiguous'
            : fault
      throw new StoreError(kind, `injected: ${fault}`)
    },
    async outlines(orderIds) {
      reach()
      return store.outlines(orderIds)
    },
    async committed(groupId) {
      reach()
      return store.committed(groupId)
    },
    reads: store.reads,
    outbox: store.outbox,
    upkeep: store.upkeep,
    ...(within && { within: (tx: Tx) => within.call(store, tx) }),
    audit: () => store.audit(),
    ping: () => store.ping(),
  }
}

/** What goes wrong, as plain data: one item per call, nothing once it is at its end. */
export interface FaultScript {
  /** By transaction; `undefined` goes well. */
  readonly transactions: readonly (Fault | undefined)[]
  /** By question: is the store away? */
  readonly away: readonly boolean[]
}

/** The plan of a script; `heal` ends it. */
export const followScript = (
  { transactions, away }: FaultScript,
  delay: () => Promise<void>,
): FaultPlan & { heal(): void } => {
  const left = { transactions: [...transactions], away: [...away] }
  return {
    next: () => left.transactions.shift(),
    isAway: () => left.away.shift() ?? false,
    delay,
    heal() {
      left.transactions.length = 0
      left.away.length = 0
    },
  }
}
