import { createHash } from 'node:crypto'
import { isId, type Position } from '@shop/core'
import { maxInstant } from '@shop/core/commands'
import { z } from 'zod'

/** Which list a cursor belongs to: a cursor of one list means nothing to another. */
type ListName = 'entries' | 'owned-coupons' | 'claimable-coupons' | 'coupons' | 'orders' | 'events'

const checksumBytes = 6

/** Not a secret, so that every server of a shop understands the cursors of the others. */
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
  /** Refuses whatever this server, or another one like it, has not written. */
  query: z
    .string()
    .transform((text, context): Value => {
      const value = decode(list, text)
      if (isValue(value)) return value
      context.addIssue({ code: 'custom', message: 'must be the nextCursor of this list' })
      return z.NEVER
    })
    .optional()
    .meta({ description: 'The `nextCursor` of the part before' }),
})

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Rows that were written before `.` and `..` were refused are listed like all others. */
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
