import type { Reads } from '../store/reads.js'
import type { Loaded } from '../store/rows.js'
import type { Store, Transactor } from '../store/store.js'
import { StoreError } from '../store/store-error.js'

/** Waits until a port call may begin. */
export type Gate = (label: string) => Promise<void>

/**
 * A store whose every call waits at a gate before it starts. A call never waits in the middle: it could hold row locks
 * that another call needs, and the scheduler would wait forever.
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
  const { within, transactions } = store
  return {
    supports: store.supports,
    companions: store.companions,
    async transact(keys, decide, options) {
      await gate('transact')
      await store.transact(keys, decide, options)
    },
    async load(keys) {
      await gate('load')
      return store.load(keys)
    },
    async outlines(orderIds) {
      await gate('outlines')
      return store.outlines(orderIds)
    },
    async couponsWithCodes(codes) {
      await gate('couponsWithCodes')
      return store.couponsWithCodes(codes)
    },
    async committed(groupId) {
      await gate('committed')
      return store.committed(groupId)
    },
    reads: gated(store.reads, 'reads'),
    outbox: gated(store.outbox, 'outbox'),
    upkeep: gated(store.upkeep, 'upkeep'),
    ...(within && { within: (tx: Tx) => within.call(store, tx) }),
    ...(transactions && { transactions }),
    audit: () => store.audit(),
    ping: () => store.ping(),
  }
}

/**
 * A store whose every transaction and every read is one of the host's, which `transaction` opens. It records no groups.
 * Undefined if the store cannot join one.
 */
export const inHostTransactions = <Tx>(
  store: Store<Tx>,
  transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
): Store<Tx> | undefined => {
  const { within } = store
  if (!within) return undefined
  const join = <T>(work: (inside: Transactor & Pick<Store, 'reads'>) => Promise<T>): Promise<T> =>
    transaction((tx) => work(within.call(store, tx)))
  const names = Object.keys(store.reads) as (keyof Reads)[]
  const reads = names.map((name) => [
    name,
    (query: unknown) => join(({ reads }) => (reads[name] as (query: unknown) => Promise<unknown>)(query)),
  ])
  return {
    ...store,
    transact: (keys, decide) => join((inside) => inside.transact(keys, decide)),
    load: (keys) => join((inside) => inside.load(keys)),
    outlines: (orderIds) => join((inside) => inside.outlines(orderIds)),
    couponsWithCodes: (codes) => join((inside) => inside.couponsWithCodes(codes)),
    reads: Object.fromEntries(reads),
  }
}

/**
 * The faults of one transaction. `late-conflict` fails after the decision. `lost-commit` and `lost-answer` lose the
 * connection during the commit: the first before it takes effect, the second after.
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

/** Which faults occur, and when. */
export interface FaultPlan {
  /** The fault of the next transaction. */
  next(): Fault | undefined
  /** Whether the store is unavailable for the next read. */
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

/** A store that injects the faults of a plan, and keeps the promises of the port. */
export const faultyStore = <Tx>(store: Store<Tx>, plan: FaultPlan): Store<Tx> => {
  const reach = () => {
    if (plan.isAway()) throw new StoreError('unavailable', 'injected: no connection')
  }
  const { within, transactions } = store
  return {
    supports: store.supports,
    companions: store.companions,
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
    async load(keys) {
      reach()
      return store.load(keys)
    },
    async outlines(orderIds) {
      reach()
      return store.outlines(orderIds)
    },
    async couponsWithCodes(codes) {
      reach()
      return store.couponsWithCodes(codes)
    },
    async committed(groupId) {
      reach()
      return store.committed(groupId)
    },
    reads: store.reads,
    outbox: store.outbox,
    upkeep: store.upkeep,
    ...(within && { within: (tx: Tx) => within.call(store, tx) }),
    ...(transactions && { transactions }),
    audit: () => store.audit(),
    ping: () => store.ping(),
  }
}

/** Faults as plain data: one item per call, none after the last. */
export interface FaultScript {
  /** One per transaction; `undefined` means no fault. */
  readonly transactions: readonly (Fault | undefined)[]
  /** One per read: whether the store is unavailable. */
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
