import type { Changes, Clock, Keys, Loaded, Rows, Transactor } from '@shop/core'
import type { Names } from '../database/names.js'
import type { Answer, Session, Step } from '../database/session.js'
import { prepared } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { rowMaps } from '../rows/row-maps.js'
import { type LockStep, lockSteps } from './lock.js'
import { recheckStep } from './recheck.js'
import { saveStep } from './save.js'
import { needsUnlocked, nothingUnlocked, readUnlocked, type Unlocked, unlockedStep } from './unlocked.js'

/** How a transaction begins and ends: one of our own, or a part of the caller's. */
export interface Frame {
  readonly begin: Step
  readonly end: Step
  /** The end where nothing was written. */
  readonly endOfNothing: Step
  readonly groupId: string | undefined
  ended(answer: Answer): void
  undo(session: Session): Promise<void>
}

type LockedRows = Partial<Pick<Loaded, LockStep['name']>>

const read = <T extends LockStep['name']>(name: T, { rows }: Answer, hasTime: boolean): Rows[T][] => {
  const { map } = rowMaps[name]
  const found = hasTime && rows[0]?.[1] === null ? [] : rows
  return found.map((raw) => map.read(raw, hasTime ? 1 : 0))
}

/** The work between begin and end, on a session that is given: every transaction of the store is this one. */
export class TransactionScript {
  readonly #clock: Clock | undefined
  readonly #lock: ReturnType<typeof lockSteps>
  readonly #unlocked: ReturnType<typeof unlockedStep>
  readonly #recheck: ReturnType<typeof recheckStep>
  readonly #save: ReturnType<typeof saveStep>

  constructor(names: Names, clock: Clock | undefined) {
    this.#clock = clock
    this.#lock = lockSteps(names)
    this.#unlocked = unlockedStep(names)
    this.#recheck = recheckStep(names)
    this.#save = saveStep(names)
  }

  async run(session: Session, keys: Keys, decide: (loaded: Loaded) => Changes, frame: Frame): Promise<void> {
    try {
      const loaded = await this.#load(session, keys, frame.begin)
      const changes = decide(loaded)
      const save = this.#save(changes, loaded, frame.groupId)
      const steps = [this.#recheck(keys, loaded, changes), save, save ? frame.end : frame.endOfNothing]
      const answers = await session.inOrder(steps.filter((step) => step !== undefined))
      frame.ended(answers.at(-1) as Answer)
    } catch (error) {
      await frame.undo(session)
      throw error
    }
  }

  /** Locks first and looks afterwards: a look in the same statement would miss what was committed while it waited. */
  async #load(session: Session, keys: Keys, begin: Step): Promise<Loaded> {
    const more = needsUnlocked(keys)
    const locks = this.#lock(keys, { time: !more && !this.#clock })
    const tellsTime = locks.at(-1)?.hasTime === true
    const first = [begin, ...locks]
    if (this.#clock) {
      const answers = await session.inOrder(first)
      // Read when the locks are held, not before they are waited for.
      const now = this.#clock.now()
      const unlocked = more ? await this.#look(session, keys, now) : nothingUnlocked(now)
      return { ...this.#rows(locks, answers), ...unlocked }
    }
    const answers = await session.inOrder(tellsTime ? first : [...first, this.#unlocked(keys, null)])
    const last = (answers.at(-1) as Answer).rows[0] ?? []
    return { ...this.#rows(locks, answers), ...(tellsTime ? nothingUnlocked(Number(last[0])) : readUnlocked(last)) }
  }

  async #look(session: Session, keys: Keys, now: number): Promise<Unlocked> {
    const { statement, values } = this.#unlocked(keys, now)
    const { rows } = await session.send(statement, values)
    return readUnlocked(rows[0] ?? [])
  }

  #rows(locks: readonly LockStep[], answers: readonly Answer[]): Omit<Loaded, keyof Unlocked> {
    const found: LockedRows = {}
    for (const [index, { name, hasTime }] of locks.entries()) {
      Object.assign(found, { [name]: read(name, answers[index + 1] as Answer, hasTime) })
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

/** What of orders never changes: their products come out of the lines, in the order of the lines. */
export const outlinesOn = (names: Names, query: (step: Step) => Promise<Answer['rows']>): Transactor['outlines'] => {
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
