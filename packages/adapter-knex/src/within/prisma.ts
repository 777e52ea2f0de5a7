import type { WithinConnection } from './connection.js'
import { queryAsRecords } from './record.js'

export type { PostgresText, WithinConnection } from './connection.js'

/** The part of an interactive transaction of Prisma that is used here. */
export interface PrismaTransaction {
  /** Sends a statement. Resolves with its rows. */
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
  /** Sends a statement. Resolves with a number of rows. */
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>
}

interface RawQueryFailed {
  readonly meta?: {
    readonly driverAdapterError?: {
      readonly cause?: { readonly originalCode?: string; readonly originalMessage?: string; readonly severity?: string }
    }
  }
}

/** Prisma wraps the driver's error: its SQLSTATE becomes the code again. */
const driverError = (error: unknown): unknown => {
  const { originalCode, originalMessage, severity } = (error as RawQueryFailed).meta?.driverAdapterError?.cause ?? {}
  if (originalCode === undefined) return error
  const message = originalMessage ?? (error as Error).message
  return Object.assign(new Error(message, { cause: error }), { code: originalCode, severity: severity ?? 'ERROR' })
}

const unwrapped = async <T>(sent: PromiseLike<T>): Promise<T> => {
  try {
    return await sent
  } catch (error) {
    throw driverError(error)
  }
}

/**
 * Runs commands in an interactive transaction of Prisma, over its adapter for `pg` (`@prisma/adapter-pg`).
 * @throws TypeError for anything else, such as the client outside a transaction.
 * @example
 * await prisma.$transaction(async (tx) => {
 *   const placed = await shop.within(prismaWithin(tx)).orders.place({ userId, products })
 *   if (!placed.ok) throw new Error(placed.refusal.code)
 *   await tx.note.create({ data: { orderId: placed.result.orderId } })
 * })
 */
export const prismaWithin = (tx: PrismaTransaction): WithinConnection => {
  if (typeof tx.$queryRawUnsafe !== 'function' || '$connect' in tx) {
    throw new TypeError('prismaWithin needs the tx of prisma.$transaction(async (tx) => …)')
  }
  const query = queryAsRecords(
    (text, values) => unwrapped(tx.$queryRawUnsafe(text, ...values)),
    (text, values) => unwrapped(tx.$executeRawUnsafe(text, ...values)),
  )
  return { connection: tx, query }
}
