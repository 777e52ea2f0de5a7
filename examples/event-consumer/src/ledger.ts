import type { OrderEvent } from './event.js'

/** What is known of one order. */
interface Known {
  readonly status: string
  /** The events that have counted: 1 to this. */
  readonly sequence: number
  /** Events that came before an earlier one of theirs. */
  readonly early: ReadonlyMap<number, OrderEvent>
}

const nothing: Known = { status: 'unknown', sequence: 0, early: new Map() }

const revenueOf = ({ type, data }: OrderEvent): number => {
  if (type === 'order.paid') return data.finalAmount
  return type === 'order.refunded' ? -data.finalAmount : 0
}

/**
 * What a data platform makes of events: the status of each order, and the revenue. Each event counts once, however often
 * it comes, and those of an order count in their order: one that comes early waits for those before it.
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

  /** Events of this order that wait for an earlier one. */
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
