import type { AnyCommand, ReferenceKey } from '../../src/commands.js'
import {
  adjustBalance,
  chargeBalance,
  grantBonus,
  placeOrder,
  refundOrder,
  withdrawBalance,
} from '../../src/commands.js'

/** A request of one kind, and another one with the same reference. Both may name the paid order. */
export interface Referenced {
  readonly kind: ReferenceKey['kind']
  readonly command: AnyCommand
  input(paid: string): object
  other(paid: string): object
  /** The name of the subject's id, in the refusal of another request. */
  readonly id: 'entryId' | 'orderId' | 'refundId'
}

const line = (quantity: number) => [{ productId: 'p', quantity }]

/** One of each kind. The shop has user `u1`, product `p` and a paid order of three units. */
export const everyKind: readonly Referenced[] = [
  {
    kind: 'charge',
    command: chargeBalance,
    input: () => ({ userId: 'u1', amount: 100 }),
    other: () => ({ userId: 'u1', amount: 101 }),
    id: 'entryId',
  },
  {
    kind: 'grant',
    command: grantBonus,
    input: () => ({ userId: 'u1', amount: 100 }),
    other: () => ({ userId: 'u1', amount: 100, reason: 'welcome' }),
    id: 'entryId',
  },
  {
    kind: 'withdrawal',
    command: withdrawBalance,
    input: () => ({ userId: 'u1', amount: 100 }),
    other: () => ({ userId: 'u2', amount: 100 }),
    id: 'entryId',
  },
  {
    kind: 'adjustment',
    command: adjustBalance,
    input: () => ({ userId: 'u1', change: 100, reason: 'mistake' }),
    other: () => ({ userId: 'u1', change: 100, reason: 'error' }),
    id: 'entryId',
  },
  {
    kind: 'order',
    command: placeOrder,
    input: () => ({ userId: 'u1', products: line(1) }),
    other: () => ({ userId: 'u1', products: line(2) }),
    id: 'orderId',
  },
  {
    kind: 'refund',
    command: refundOrder,
    input: (paid) => ({ orderId: paid, lines: line(1) }),
    other: (paid) => ({ orderId: paid }),
    id: 'refundId',
  },
]

/** Changes every member of an answer that can be changed. */
export const spoil = (answer: object): void => {
  for (const [name, value] of Object.entries(answer)) {
    if (typeof value === 'object' && value !== null) spoil(value)
    Reflect.set(answer, name, 'spoilt')
  }
}
