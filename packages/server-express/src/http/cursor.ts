import { createHash } from 'node:crypto'
import { isId, type Position } from '@shop/core'
import { maxInstant } from '@shop/core/commands'
import { z } from 'zod'

/** The list that a cursor belongs to. A cursor is valid for its own list only. */
type ListName =
  | 'entries'
  | 'all-entries'
  | 'owned-coupons'
  | 'claimable-coupons'
  | 'coupons'
  | 'orders'
  | 'events'
  | 'losses'

const checksumBytes = 6

/** A checksum, not a signature: every server of a shop must accept the cursors of the others. */
const checksum = (list: ListName, payload: Buffer): Buffer =>
  createHash('sha256').update(`shop cursor ${list} `).update(payload).digest().subarray(0, checksumBytes)

const encode = (list: ListName, value: unknown): string => {
  const payload = Buffer.from(JSON.stringify(value))
  return Buffer.concat([checksum(list, payload), payload]).toString('base64url')
}

const decode = (list: ListName, text: string): unknown => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length <= checksumBytes || bytes.toString('base64url') !== text) return undefined
  const payload = bytes.subarray(checksumBytes)
  if (!checksum(list, payload).equals(bytes.subarray(0, checksumBytes))) return undefined
  try {
    return JSON.parse(payload.toString())
  } catch {
    return undefined
  }
}

const cursor = <Value>(list: ListName, isValue: (value: unknown) => value is Value) => ({
  write: (value: Value | null): string | null => (value === null ? null : encode(list, value)),
  /** Refuses any text that no server of this version has written. */
  query: z
    .string()
    .transform((text, context): Value => {
      const value = decode(list, text)
      if (isValue(value)) return value
      context.addIssue({ code: 'custom', message: 'must be the nextCursor of this list' })
      return z.NEVER
    })
    .optional()
    .meta({ description: 'The `nextCursor` of the previous page' }),
})

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Rows older than the ban on the ids `.` and `..` are still listed. */
const isListedId = (id: unknown): boolean => isId(id) || id === '.' || id === '..'

const isPosition = (value: unknown): value is Position =>
  typeof value === 'object' &&
  value !== null &&
  'at' in value &&
  'id' in value &&
  isSequence(value.at) &&
  value.at >= 0 &&
  value.at <= maxInstant &&
  isListedId(value.id)

export const sequenceCursor = (list: ListName) => cursor(list, isSequence)

export const positionCursor = (list: ListName) => cursor(list, isPosition)
