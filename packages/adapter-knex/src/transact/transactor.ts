import type { Changes, Clock, Keys, Loaded, Rows, Transactor } from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryResult, QueryStep, Session } from '../database/session.js'
import { prepared } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { rowMaps } from '../rows/row-maps.js'
import { type LockStep, lockSteps } from './lock.js'
import {
  decodePostLockReads,
  needsPostLockReads,
  noPostLockReads,
  type PostLockReads,
  postLockReadStep,
} from './post-lock-reads.js'
import { recheckStep } from './recheck.js'
import { saveStep } from './save.js'

/** How a transaction begins and ends: one of the store's own, or a part of the caller's. */
export interface TransactionBoundary {
  readonly begin: QueryStep
  readonly end: QueryStep
  /** The end where nothing was written. */
  readonly endWithoutWrites: QueryStep
  readonly groupId: string | undefined
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
  readonly #unlocked: ReturnType<typeof postLockReadStep>
  readonly #recheck: ReturnType<typeof recheckStep>
  readonly #save: ReturnType<typeof saveStep>

  constructor(names: Names, clock: Clock | undefined) {
    this.#clock = clock
    this.#lock = lockSteps(names)
    this.#unlocked = postLockReadStep(names)
    this.#recheck = recheckStep(names)
    this.#save = saveStep(names)
  }

  async run(
    session: Session,
    keys: Keys,
    decide: (loaded: Loaded) => Changes,
    frame: TransactionBoundary,
  ): Promise<void> {
    try {
      const loaded = await this.#load(session, keys, frame.begin)
      const changes = decide(loaded)
      const save = this.#save(changes, loaded, frame.groupId)
      const steps = [this.#recheck(keys, loaded, changes), save, save ? frame.end : frame.endWithoutWrites]
      const answers = await session.inOrder(steps.filter((step) => step !== undefined))
      frame.ended(answers.at(-1) as QueryResult)
    } catch (error) {
      await frame.undo(session)
      throw error
    }
  }

  /** Locks first and reads afterwards: a read in the same statement would miss commits from while it waited. */
  async #load(session: Session, keys: Keys, begin: QueryStep): Promise<Loaded> {
    const more = needsPostLockReads(keys)
    const locks = this.#lock(keys, { time: !more && !this.#clock })
    const tellsTime = locks.at(-1)?.hasTime === true
    const first = [begin, ...locks]
    if (this.#clock) {
      const answers = await session.inOrder(first)
      // Read after the locks are held, not before the wait for them.
      const now = this.#clock.now()
      const unlocked = more ? await this.#look(session, keys, now) : noPostLockReads(now)
      return { ...this.#rows(locks, answers), ...unlocked }
    }
    const answers = await session.inOrder(tellsTime ? first : [...first, this.#unlocked(keys, null)])
    const last = (answers.at(-1) as QueryResult).rows[0] ?? []
    return {
      ...this.#rows(locks, answers),
      ...(tellsTime ? noPostLockReads(Number(last[0])) : decodePostLockReads(last)),
    }
  }

  async #look(session: Session, keys: Keys, now: number): Promise<PostLockReads> {
    const { statement, values } = this.#unlocked(keys, now)
    const { rows } = await session.send(statement, values)
    return decodePostLockReads(rows[0] ?? [])
  }

  #rows(locks: readonly LockStep[], answers: readonly QueryResult[]): Omit<Loaded, keyof PostLockReads> {
    const found: LockedRows = {}
    for (const [index, { name, hasTime }] of locks.entries()) {
      Object.assign(found, { [name]: read(name, answers[index + 1] as QueryResult, hasTime) })
    }
    return {
      fences: [],
      rankings: [],
      events: [],
      orders: [],
      wallets: [],
      coupons: [],
      issuedCoupons: [],
      products: [],
      ...found,
    }
  }
}

/** The fields of orders that never change. The products are those of the lines, in their order. */
export const outlinesOn = (
  names: Names,
  query: (step: QueryStep) => Promise<QueryResult['rows']>,
): Transactor['outlines'] => {
  const statement = prepared(
    `select order_id, user_id, coupon_id, jsonb_path_query_array(lines, '$[*].productId')
     from ${names.orders} where order_id = any($1::text[])`,
  )
  return async (orderIds) => {
    if (orderIds.length === 0) return []
    const rows = await query({ statement, values: [ids(orderIds)] })
    return rows.map(([orderId, userId, couponId, productIds]) => ({
      orderId: orderId as string,
      userId: userId as string,
      couponId: couponId ?? null,
      productIds: JSON.parse(productIds as string) as string[],
    }))
  }
}
