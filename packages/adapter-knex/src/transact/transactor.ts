import type { Rows } from '@shop/core/commands'
import {
  type Changes,
  type Clock,
  type Keys,
  type Loaded,
  nothingLoaded,
  StoreError,
  type Transactor,
} from '@shop/core/store'
import type { Database } from '../database/database.js'
import type { GroupPlans } from '../database/kept-plans.js'
import type { Names } from '../database/names.js'
import {
  assertCommitted,
  commit,
  commitWithoutWrites,
  type QueryResult,
  type QueryStep,
  type Session,
} from '../database/session.js'
import { databaseNow, plain, prepared, type Statement, toInstant } from '../database/statement.js'
import { rowMaps } from '../rows/row-maps.js'
import type { CompanionScript } from './companions.js'
import { decodePostLockReads, listIn, needsPostLockReads, type PostLockReads, postLockReadStep } from './load.js'
import { type LockStep, lockSteps } from './lock-steps.js'
import { couponsWithCodesOn, outlinesOn } from './outlines.js'
import { recheckStep, saveStep } from './save.js'
import { purchaseFrom, purchasesStep, reserveWalletsSteps } from './users-orders.js'

/** How a transaction begins and ends: one of the store's own, or a part of the caller's. */
export interface TransactionBoundary {
  readonly begin: QueryStep
  readonly end: QueryStep
  /** The end where nothing was written. */
  readonly endWithoutWrites: QueryStep
  /** Makes the statements after it get plans for their values. Undefined: they do, or the caller's session decides. */
  readonly useCustomPlans?: QueryStep | undefined
  readonly groupId: string | undefined
  /** Whether deferred constraints are checked before the end. In the caller's transaction they are the caller's. */
  readonly checksDeferred: boolean
  /**
   * Rejects if reads after the locks may miss what others have committed before. Undefined: they never do. Only a count of
   * rows without locks needs it: a locked row that another transaction has changed is a conflict.
   */
  assertFreshReads?(session: Session): Promise<void>
  ended(answer: QueryResult): void
  undo(session: Session): Promise<void>
}

type LockedRows = Partial<Pick<Loaded, LockStep['name']>>

const read = <T extends LockStep['name']>(name: T, { rows }: QueryResult, hasTime: boolean): Rows[T][] => {
  const { map } = rowMaps[name]
  const found = hasTime && rows[0]?.[1] === null ? [] : rows
  return found.map((raw) => map.read(raw, hasTime ? 1 : 0))
}

/** The work between begin and end of every transaction of the store, on a given session. */
export class TransactionRunner {
  readonly #clock: Clock | undefined
  readonly #lock: ReturnType<typeof lockSteps>
  readonly #postLockRead: ReturnType<typeof postLockReadStep>
  readonly #purchases: ReturnType<typeof purchasesStep>
  readonly #reserveWallets: ReturnType<typeof reserveWalletsSteps>
  readonly #recheck: ReturnType<typeof recheckStep>
  readonly #save: ReturnType<typeof saveStep>
  readonly #companions: CompanionScript | undefined

  constructor(names: Names, clock: Clock | undefined, companions: CompanionScript | undefined) {
    this.#companions = companions
    this.#clock = clock
    this.#lock = lockSteps(names)
    this.#postLockRead = postLockReadStep(names)
    this.#purchases = purchasesStep(names)
    this.#reserveWallets = reserveWalletsSteps(names)
    this.#recheck = recheckStep(names)
    this.#save = saveStep(names)
  }

  async run(
    session: Session,
    keys: Keys,
    decide: (loaded: Loaded) => Changes,
    boundary: TransactionBoundary,
  ): Promise<void> {
    try {
      const loaded = await this.#load(session, keys, boundary)
      const changes = decide(loaded)
      const save = this.#save(changes, loaded, boundary.groupId)
      const end = save ? boundary.end : boundary.endWithoutWrites
      const useCustomPlans = save?.needsOwnPlan ? boundary.useCustomPlans : undefined
      const writing = [this.#recheck(keys, loaded, changes), useCustomPlans, save].filter((step) => step !== undefined)
      const before = await this.#accompany(session, writing, changes, boundary)
      const answers = await session.inOrder([...before, end])
      boundary.ended(answers.at(-1) as QueryResult)
    } catch (error) {
      await boundary.undo(session)
      throw error
    }
  }

  /** The steps that are left before the end. Code of the host that writes runs after the others, by custom plans. */
  async #accompany(
    session: Session,
    steps: readonly QueryStep[],
    { companions: rows }: Changes,
    { checksDeferred, useCustomPlans }: TransactionBoundary,
  ): Promise<readonly QueryStep[]> {
    const script = this.#companions
    if (rows.length === 0) return steps
    if (!script) throw new StoreError('rejected', `companion ${rows[0]?.companion} is not known`)
    const all = [...steps, ...script.steps(rows)]
    const last = checksDeferred ? [script.deferred(rows)] : []
    if (!script.hasWriters(rows)) return [...all, ...last]
    const before = useCustomPlans ? [...all, useCustomPlans] : all
    if (before.length > 0) await session.inOrder(before)
    await script.write(session, rows)
    return last
  }

  async #load(session: Session, keys: Keys, boundary: TransactionBoundary): Promise<Loaded> {
    const loaded = await this.#withoutWallets(session, keys, await this.#lockAndRead(session, keys, boundary.begin))
    const { buyers, openOrders } = keys.read
    const limited = loaded.products.flatMap(({ productId, purchaseLimit }) => (purchaseLimit ? [productId] : []))
    const products = buyers.length > 0 ? limited : []
    if (products.length > 0 || openOrders.length > 0) await boundary.assertFreshReads?.(session)
    if (products.length === 0) return loaded
    const { statement, values } = this.#purchases({ users: buyers, products, now: loaded.now })
    const { rows } = await session.send(statement, values)
    return { ...loaded, purchases: listIn(rows[0]?.[0], purchaseFrom) }
  }

  /** If the open orders of users without a wallet are counted, excludes others from these users, and reads again. */
  async #withoutWallets(session: Session, keys: Keys, loaded: Loaded): Promise<Loaded> {
    const { openOrders } = keys.read
    if (openOrders.length === 0) return loaded
    const open = new Set(loaded.wallets.map(({ userId }) => userId))
    const missing = openOrders.filter((userId) => !open.has(userId) && keys.lock.wallets.includes(userId))
    if (missing.length === 0) return loaded
    await session.inOrder(this.#reserveWallets(missing))
    return { ...loaded, ...(await this.#readAfterLocks(session, keys, this.#clock?.now() ?? null)) }
  }

  /** Locks first and reads afterwards: a read in the same statement would miss commits from while it waited. */
  async #lockAndRead(session: Session, keys: Keys, begin: QueryStep): Promise<Loaded> {
    const needsMore = needsPostLockReads(keys)
    const locks = this.#lock(keys, { time: !needsMore && !this.#clock })
    const tellsTime = locks.at(-1)?.hasTime === true
    const first = [begin, ...locks]
    if (this.#clock) {
      const answers = await session.inOrder(first)
      // Read after the locks are held, not before the wait for them.
      const now = this.#clock.now()
      const more = needsMore ? await this.#readAfterLocks(session, keys, now) : undefined
      return { ...nothingLoaded(now), ...this.#rows(locks, answers), ...more }
    }
    const answers = await session.inOrder(tellsTime ? first : [...first, this.#postLockRead(keys, null)])
    const last = (answers.at(-1) as QueryResult).rows[0] ?? []
    return {
      ...nothingLoaded(Number(last[0])),
      ...this.#rows(locks, answers),
      ...(tellsTime ? undefined : decodePostLockReads(last)),
    }
  }

  async #readAfterLocks(session: Session, keys: Keys, now: number | null): Promise<PostLockReads> {
    const { statement, values } = this.#postLockRead(keys, now)
    const { rows } = await session.send(statement, values)
    return decodePostLockReads(rows[0] ?? [])
  }

  #rows(locks: readonly LockStep[], answers: readonly QueryResult[]): LockedRows {
    const found: LockedRows = {}
    for (const [index, { name, hasTime }] of locks.entries()) {
      Object.assign(found, { [name]: read(name, answers[index + 1] as QueryResult, hasTime) })
    }
    return found
  }
}

/** The isolation levels that a store may use for its own transactions. */
export type Isolation = 'read committed' | 'serializable'

export const isolations: readonly Isolation[] = ['read committed', 'serializable']

export interface TransactionOptions {
  readonly isolation: Isolation
  /** How long a transaction waits for a row that another one has locked, in milliseconds. */
  readonly lockTimeoutMs: number
}

/** Rows are found by key, never by a scan. */
const planning = ['enable_seqscan = off', 'jit = off']

const customPlans = 'set local plan_cache_mode = force_custom_plan'
const keptPlans = 'set local plan_cache_mode = force_generic_plan'
const useCustomPlans: QueryStep = { statement: plain(customPlans) }

/** One message, one round trip. */
const beginning = ({ isolation, lockTimeoutMs }: TransactionOptions): Readonly<Record<GroupPlans, Statement>> => {
  const settings = [`lock_timeout = ${lockTimeoutMs}`, ...planning].map((each) => `set local ${each}`)
  const begin = [`begin isolation level ${isolation}`, ...settings].join('; ')
  return {
    custom: plain(`${begin}; ${customPlans}`),
    kept: plain(`${begin}; ${keptPlans}`),
    renewed: plain(`${begin}; ${keptPlans}; discard plans`),
  }
}

/** Transactions on connections of the pool. */
export const ownTransactions = (
  { names, read, borrow }: Database,
  script: TransactionRunner,
  options: TransactionOptions,
): Pick<Transactor, 'transact' | 'outlines' | 'couponsWithCodes'> => {
  const begin = beginning(options)
  const send = ({ statement, values }: QueryStep) => read(statement, values)
  const end = { statement: commit }
  const endWithoutWrites = { statement: commitWithoutWrites }
  return {
    transact: (keys, decide, { groupId } = {}) =>
      borrow(
        (session) => {
          const plans = session.plansOfNextGroup()
          return script.run(session, keys, decide, {
            begin: { statement: session.beginning(begin[plans]) },
            useCustomPlans: plans === 'custom' ? undefined : useCustomPlans,
            end,
            endWithoutWrites,
            groupId,
            checksDeferred: true,
            ended: assertCommitted,
            undo: () => session.rollBack(),
          })
        },
        { managesPlans: true },
      ),
    outlines: outlinesOn(names, send),
    couponsWithCodes: couponsWithCodesOn(names, send),
  }
}

/**
 * Whether a group committed. Inserting the group's id waits for the group's own transaction, if that is still open. If
 * this insert comes first, the group can never commit. The row records which came first, so the result never changes.
 */
export const committedOn = (
  { names, borrow, now }: Database,
  { lockTimeoutMs }: Pick<TransactionOptions, 'lockTimeoutMs'>,
): ((groupId: string) => Promise<boolean>) => {
  const { custom: begin } = beginning({ isolation: 'read committed', lockTimeoutMs })
  const statement = prepared(
    `insert into ${names.groups} as g (group_id, committed, at)
     values ($1, false, ${toInstant(`coalesce($2::bigint, ${databaseNow})`)})
     on conflict (group_id) do update set committed = g.committed returning committed`,
  )
  const ask = (groupId: string): Promise<boolean> =>
    borrow(async (session) => {
      try {
        const [, found, end] = await session.inOrder([
          { statement: session.beginning(begin) },
          { statement, values: [groupId, now()] },
          { statement: commit },
        ])
        assertCommitted(end as QueryResult)
        return found?.rows[0]?.[0] === 't'
      } catch (error) {
        await session.rollBack()
        throw error
      }
    })
  return async (groupId) => {
    try {
      return await ask(groupId)
    } catch (cause) {
      throw new StoreError('unavailable', `it is not known yet whether group ${groupId} committed`, { cause })
    }
  }
}
