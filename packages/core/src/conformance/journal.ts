import type { OrderView } from '../model/order-view.js'
import type { PaymentView } from '../model/payment.js'
import type { Refusal } from '../shared/refusal.js'
import { describeCall, readNames, type StepKey } from './steps.js'

/** A step whose placeholders are replaced by ids. */
export interface CallRequest {
  /** The noun and the method: `orders.place`. */
  readonly name: string
  /** Its input. */
  readonly input: object
  /** Its idempotency key. */
  readonly key?: StepKey | undefined
  /** Whether its companion row is one that the store does not accept. */
  readonly companionFails?: true | undefined
}

/** Whether the call names itself for ever. */
export const hasReference = ({ name, input }: CallRequest): boolean =>
  !readNames.has(name) && 'reference' in input && input.reference !== undefined

/** The result of a call. */
export type Answer =
  | { readonly kind: 'ok'; readonly result: unknown; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly replayed: boolean }
  | { readonly kind: 'unavailable'; readonly ambiguous: boolean }
  | { readonly kind: 'error'; readonly error: unknown }

/** One call and its answer. All branches share one tick counter, so ticks show which of two events came first. */
export interface Recorded {
  /** The branch that called. */
  readonly branch: number
  /** What was called. */
  readonly call: CallRequest
  /** How it was answered. */
  readonly answer: Answer
  /** The tick before the call. */
  readonly invoked: number
  /** The tick after the answer. */
  readonly answered: number
  /** When its decider last ran, and the time it received. Unknown for reads, replays and upkeep. */
  readonly decided?: { readonly tick: number; readonly now: number } | undefined
  /** The clock at the call. */
  readonly now: number
  /** Whether any attempt ended with an unknown outcome. */
  readonly doubted: boolean
}

/** The calls of one run, and the ids that its clients received. */
export class Journal {
  /** Every call with its answer, in the order of the answers. */
  readonly records: Recorded[] = []
  /** Ids of placed orders, in the order of the answers. */
  readonly orders: string[] = []
  /** Ids of orders that were paid, in the order of the answers. */
  readonly paid: string[] = []
  /** Ids of payments, in the order of the answers. */
  readonly payments: string[] = []
  /** The user of each placed order. */
  readonly owners = new Map<string, string>()
  /** The products of each placed order, line by line. */
  readonly products = new Map<string, readonly string[]>()
  /** Calls with a key. */
  readonly keyed: CallRequest[] = []
  /** Calls with a reference. */
  readonly referenced: CallRequest[] = []
  #ticks = 0

  /** The next tick. */
  tick(): number {
    this.#ticks += 1
    return this.#ticks
  }

  /** Adds an answered call. */
  add(record: Recorded): void {
    this.records.push(record)
    const { call, answer } = record
    if (answer.kind !== 'ok') return
    if (call.name === 'orders.place') {
      const { orderId, userId, lines, status } = answer.result as OrderView
      learn(this.orders, orderId)
      if (status === 'paid') learn(this.paid, orderId)
      this.owners.set(orderId, userId)
      this.products.set(
        orderId,
        lines.map(({ productId }) => productId),
      )
    }
    if (call.name === 'payments.pay') {
      const { paymentId, orderId } = answer.result as PaymentView
      learn(this.payments, paymentId)
      learn(this.paid, orderId)
    }
  }
}

const learn = (known: string[], id: string): void => {
  if (!known.includes(id)) known.push(id)
}

const describeAnswer = (answer: Answer): string => {
  if (answer.kind === 'unavailable') return answer.ambiguous ? 'UNAVAILABLE, outcome unknown' : 'UNAVAILABLE'
  if (answer.kind === 'error') return `ERROR ${answer.error instanceof Error ? answer.error.stack : answer.error}`
  const said = answer.kind === 'ok' ? answer.result : answer.refusal
  return `${answer.replayed ? 'again ' : ''}${JSON.stringify(said)}`
}

/** Readable text: the calls and their answers, in the order of the answers. */
export const transcript = ({ records }: Journal): string =>
  records
    .map(
      ({ branch, call, answer, invoked, answered, decided, now }) =>
        `[${branch}] ${invoked}–${decided ? `${decided.tick}–` : ''}${answered} at ${new Date(now).toISOString()} ` +
        `${describeCall(call)}\n      → ${describeAnswer(answer)}`,
    )
    .join('\n')
