import type { RefusalCode } from '@shop/core'
import { type ProblemCode, problemKinds } from './problem-codes.js'

export type StatusOf = (code: ProblemCode) => number

/** The statuses of the table, with the overrides of the embedding application. */
export const statusOf =
  (overrides: Partial<Record<RefusalCode, number>> = {}): StatusOf =>
  (code) =>
    overrides[code as RefusalCode] ?? problemKinds[code].status
