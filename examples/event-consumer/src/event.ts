/** What the shop sends: a CloudEvent whose data is the order, and the event's place among the events of that order. */
export interface OrderEvent {
  readonly id: string
  readonly type: string
  /** The order. */
  readonly subject: string
  readonly data: {
    /** Counts from 1. */
    readonly sequence: number
    readonly status: string
    readonly finalAmount: number
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The event in a body whose signature is good; nothing, where it is no event of an order. */
export const readEvent = (value: unknown): OrderEvent | undefined => {
  const { id, type, subject, data } = (value ?? {}) as Partial<OrderEvent>
  const { sequence, status, finalAmount } = data ?? {}
  if (!isText(id) || !isText(type) || !isText(subject) || !isText(status)) return undefined
  if (!Number.isSafeInteger(finalAmount) || !Number.isSafeInteger(sequence) || (sequence as number) < 1)
    return undefined
  return { id, type, subject, data: { sequence: sequence as number, status, finalAmount: finalAmount as number } }
}
