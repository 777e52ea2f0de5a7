import type { OrderEvent } from './event.js'

/** The known state of one order. */
interface Known {
  readonly status: string
  /** What the order has brought in, less its refunds. */
  readonly revenue: number
  /** Sequence number of the last counted event. */
  readonly sequence: number
  /** Events that arrived before an earlier one. */
  readonly early: ReadonlyMap<number, OrderEvent>
}

const nothing: Known = { status: 'unknown', revenue: 0, sequence: 0, early: new Map() }

/** A partly refunded order is still paid. */
const revenueOf = ({ data: { status, finalAmount, refundedAmount = 0 } }: OrderEvent): number =>
  status === 'paid' ? finalAmount - refundedAmount : 0

/**
 * Derives the status of each order, and the revenue, from events. Each event counts once, even if it is
 * delivered repeatedly. Events of an order count in sequence: an early one waits for those before it.
 */
export class Ledger {
  readonly #ids = new Set<string>()
  readonly #orders = new Map<string, Known>()
  #revenue = 0

  get revenue(): number {
    return this.#revenue
  }

  has(event: OrderEvent): boolean {
    return this.#ids.has(event.id)
  }

  statusOf(orderId: string): string {
    return (this.#orders.get(orderId) ?? nothing).status
  }

  /** The number of events of this order that wait for an earlier one. */
  waitingOf(orderId: string): number {
    return (this.#orders.get(orderId) ?? nothing).early.size
  }

  add(event: OrderEvent): void {
    if (this.has(event)) return
    this.#ids.add(event.id)
    const known = this.#orders.get(event.subject) ?? nothing
    const early = new Map(known.early).set(event.data.sequence, event)
    let { status, revenue, sequence } = known
    for (let next = early.get(sequence + 1); next; next = early.get(sequence + 1)) {
      early.delete(next.data.sequence)
      sequence = next.data.sequence
      status = next.data.status
      revenue = revenueOf(next)
    }
    this.#revenue += revenue - known.revenue
    this.#orders.set(event.subject, { status, revenue, sequence, early })
  }
}
