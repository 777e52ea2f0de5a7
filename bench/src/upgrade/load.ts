import { setTimeout as pause } from 'node:timers/promises'
import type { Shop } from '@shop/core'
import { couponId, productId, userId } from '../stage/seed.js'
import type { Call, FailedCall, KnownStatus, LoadOptions, LoadReport } from './questions.js'

/** What each charge adds. */
const chargeAmount = 1_000

/** Of the calls that begin in one slot, only the longest is kept. */
const slotMs = 20
/** A caller thinks between two calls, so that the processors are not the limit. */
const thinkMs = 20
const jobsMs = 1_000

const some = (count: number): number => 1 + Math.floor(Math.random() * count)

/** Callers that use a shop in every usual way, and the jobs of a server, until it is stopped. */
export class Load {
  readonly #shop: Shop<never>
  readonly #options: LoadOptions
  readonly #name: string
  readonly #slowest = new Map<number, Call>()
  readonly #failed: FailedCall[] = []
  readonly #orders: Record<string, KnownStatus> = {}
  readonly #running: Promise<unknown>
  readonly #began: number[] = []
  readonly #charges: Record<string, number> = {}
  readonly #issues: string[] = []
  #newUsers = 0
  #isOver = false

  constructor(shop: Shop<never>, name: string, options: LoadOptions) {
    this.#shop = shop
    this.#name = name
    this.#options = options
    this.#running = Promise.all([this.#jobs(), ...Array.from({ length: options.callers }, () => this.#caller())])
  }

  async stop(): Promise<LoadReport> {
    this.#isOver = true
    await this.#running
    return {
      began: this.#began,
      slowest: [...this.#slowest.values()],
      failed: this.#failed,
      orders: this.#orders,
      charges: this.#charges,
      issues: this.#issues,
    }
  }

  /** Resolves with undefined if the call failed. */
  async #call<Result>(what: string, run: () => Promise<Result>): Promise<Result | undefined> {
    const began = Date.now()
    this.#began.push(began)
    try {
      return await run()
    } catch (error) {
      const cause = (error as Error).cause
      this.#failed.push({ what, began, ended: Date.now(), error: `${error}${cause ? `: ${cause}` : ''}` })
      return undefined
    } finally {
      const call = { what, began, ended: Date.now() }
      const slot = Math.floor(began / slotMs)
      const longest = this.#slowest.get(slot)
      if (!longest || longest.ended - longest.began < call.ended - began) this.#slowest.set(slot, call)
    }
  }

  async #jobs(): Promise<void> {
    const { upkeep } = this.#shop
    while (!this.#isOver) {
      await this.#call('expire orders', () => upkeep.expireOrders())
      await this.#call('refresh the ranking', () => upkeep.refreshRanking())
      await pause(jobsMs)
    }
  }

  async #caller(): Promise<void> {
    while (!this.#isOver) {
      const chance = Math.random()
      if (chance < 0.25) await this.#charge()
      else if (chance < 0.4) await this.#issue()
      else await this.#order()
      await pause(thinkMs)
    }
  }

  #someUser(): string {
    return userId(some(this.#options.users))
  }

  async #charge(): Promise<void> {
    const user = this.#someUser()
    const charged = await this.#call('charge', () => this.#shop.balance.charge({ userId: user, amount: chargeAmount }))
    if (charged) this.#charges[user] = (this.#charges[user] ?? 0) + 1
  }

  async #issue(): Promise<void> {
    this.#newUsers += 1
    const user = `new-${this.#name}-${this.#newUsers}`
    const issued = await this.#call('issue', () => this.#shop.coupons.issue({ userId: user, couponId: couponId(1) }))
    if (issued) this.#issues.push(user)
  }

  async #order(): Promise<void> {
    const { orders, payments } = this.#shop
    const user = this.#someUser()
    const first = some(this.#options.products - 2)
    const products = [first, first + 1].map((number) => ({ productId: productId(number), quantity: 1 }))
    const placed = await this.#call('place', () => orders.place({ userId: user, products }))
    if (!placed) return
    const { orderId } = placed
    this.#orders[orderId] = 'pending'
    const chance = Math.random()
    if (chance < 0.15) return
    if (chance < 0.3) {
      await this.#end(orderId, 'cancelled', 'cancel', () => orders.cancel({ orderId }))
      return
    }
    const paid = await this.#end(orderId, 'paid', 'pay', () => payments.pay({ userId: user, orderId }))
    if (!paid) return
    await this.#call('get a payment', () => payments.get({ paymentId: paid.paymentId }))
    await this.#call('list orders', () => orders.list({ userId: user }))
    if (chance > 0.9) await this.#end(orderId, 'refunded', 'refund', () => orders.refund({ orderId }))
  }

  async #end<Result>(
    orderId: string,
    status: KnownStatus,
    what: string,
    run: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const ended = await this.#call(what, run)
    this.#orders[orderId] = ended === undefined ? 'unknown' : status
    return ended
  }
}
