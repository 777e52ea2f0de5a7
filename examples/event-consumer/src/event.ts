/** The shop's event: a CloudEvent with the order as data, and the event's sequence number within that order. */
export interface OrderEvent {
  readonly id: string
  readonly type: string
  /** Id of the order. */
  readonly subject: string
  readonly data: {
    /** Counts from 1. */
    readonly sequence: number
    readonly status: string
    readonly finalAmount: number
    /** Sum of its refunds; absent without a refund. */
    readonly refundedAmount?: number | undefined
  }
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Whether this is an event of an order. Under policy `events` there are others, of wallets, coupons and products. */
export const isOfOrder = (value: unknown): boolean =>
  String((value as Partial<OrderEvent> | undefined)?.type).startsWith('order.')

/** Parses the event in a verified body. Undefined if it is not an event of an order. */
export const readEvent = (value: unknown): OrderEvent | undefined => {
  const { id, type, subject, data } = (value ?? {}) as Partial<OrderEvent>
  const { sequence, status, finalAmount, refundedAmount } = data ?? {}
  if (!isText(id) || !isText(type) || !isText(subject) || !isText(status)) return undefined
  if (!isInteger(finalAmount) || !isInteger(sequence) || sequence < 1) return undefined
  if (refundedAmount !== undefined && !isInteger(refundedAmount)) return undefined
  return { id, type, subject, data: { sequence, status, finalAmount, refundedAmount } }
}
