import type { OrderEvent } from './event.js'

/** The known state of one order. */
interface Known {
  readonly status: string
  /** Sequence number of the last counted event. */
  readonly sequence: number
  /** Events that arrived before an earlier one. */
  readonly early: ReadonlyMap<number, OrderEvent>
}

const nothing: Known = { status: 'unknown', sequence: 0, early: new Map() }

const revenueOf = ({ type, data }: OrderEvent): number => {
  if (type === 'order.paid') return data.finalAmount
  return type === 'order.refunded' ? -data.finalAmount : 0
}

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
    let { status, sequence } = known
    for (let next = early.get(sequence + 1); next; next = early.get(sequence + 1)) {
      early.delete(next.data.sequence)
      sequence = next.data.sequence
      status = next.data.status
      this.#revenue += revenueOf(next)
    }
    this.#orders.set(event.subject, { status, sequence, early })
  }
}
