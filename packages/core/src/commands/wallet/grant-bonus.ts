import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { maxLots } from '../../model/lot.js'
import { type Metadata, metadata, storedMetadata } from '../../model/metadata.js'
import { reference } from '../../model/reference.js'
import { addEntry, type GrantView } from '../../model/wallet.js'
import { checkFields, id, integer, nullish, optional, text, time } from '../../shared/check.js'
import { hasPassed, type Instant, instantOf, type TimeInput } from '../../shared/instant.js'
import { maxMoney, maxReasonLength } from '../../shared/limits.js'
import { walletOf } from '../registration.js'
import { changeView } from './accept-entry.js'
import { isSameRequest } from './same-request.js'

/** Input of {@link grantBonus}. */
export interface GrantBonus {
  /** The user who gets the bonus money. */
  readonly userId: string
  /** In the currency's minor unit, 1 to 2^53 - 1. */
  readonly amount: number
  /**
   * The bonus money is gone from this time on; it lies in the future. A `Date`, ISO 8601 text with its time zone, or
   * milliseconds.
   * @default null: no end
   */
  readonly expiresAt?: TimeInput | null | undefined
  /**
   * Why it is granted: 1 to 200 code points, shown with the entry.
   * @default no reason
   */
  readonly reason?: string | undefined
  /**
   * The caller's name for this grant: 1 to 200 visible ASCII characters. It is unique among grants, for ever: the same
   * request is answered with the first result, another one is refused.
   * @default no reference
   */
  readonly reference?: string | undefined
  /**
   * Data of your own, shown with the entry.
   * @default none
   */
  readonly metadata?: Metadata | undefined
}

const endOf = ({ expiresAt }: Pick<GrantBonus, 'expiresAt'>): Instant | null =>
  expiresAt == null ? null : instantOf(expiresAt)

const notInFuture = {
  code: 'INVALID_REQUEST',
  errors: [{ path: 'expiresAt', message: 'must be in the future' }],
} as const

/**
 * Adds a lot of bonus money to a balance. It can be spent and expires, but cannot be withdrawn.
 * Refused: INVALID_REQUEST, REFERENCE_REUSED, INVALID_REQUEST for an end that is not in the future, USER_NOT_FOUND (policy
 * `wallet.opens: 'by-registration'`), BALANCE_LIMIT_EXCEEDED (above 2^53 - 1), BONUS_LOTS_EXCEEDED (above 50 live lots).
 * The first that applies.
 *
 * @example await shop.execute(grantBonus, { userId: 'mina', amount: 2_000, expiresAt: '2030-01-01T00:00:00Z' })
 */
export const grantBonus = defineCommand<GrantBonus, GrantView>({
  name: 'grant-bonus',
  check: (input) =>
    checkFields(input, {
      userId: id,
      amount: integer(1, maxMoney),
      expiresAt: nullish(time),
      reason: optional(text(maxReasonLength)),
      reference: optional(reference),
      metadata: optional(metadata),
    }),
  reference: ({ reference }) => (reference === undefined ? undefined : { kind: 'grant', owner: '', reference }),
  replay(entry, input, context) {
    const lot = entry.lots?.[0]
    const isSame = lot !== undefined && isSameRequest(entry, input) && lot.expiresAt === endOf(input)
    return isSame ? { ...changeView(entry, context), lotId: lot.lotId } : undefined
  },
  keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
  decide(facts, input, context) {
    const { userId, amount, reason, reference } = input
    const expiresAt = endOf(input)
    if (expiresAt !== null && hasPassed(expiresAt, context.now)) return refuse(notInFuture)
    const before = walletOf(facts, userId, context)
    if (!before) return refuse({ code: 'USER_NOT_FOUND', userId })
    if (before.balance + amount > maxMoney) {
      return refuse({ code: 'BALANCE_LIMIT_EXCEEDED', limit: maxMoney, balance: before.balance })
    }
    if ((before.lots?.length ?? 0) >= maxLots) return refuse({ code: 'BONUS_LOTS_EXCEEDED', limit: maxLots })
    const lot = { lotId: context.newId(), amount, expiresAt, sequence: before.entries + 1 }
    const { wallet, entry } = addEntry(
      before,
      { kind: 'grant', amount, lots: [lot], reason, reference, metadata: storedMetadata(input.metadata) },
      context,
    )
    return accept({ ...changeView(entry, context), lotId: lot.lotId }, [put('wallets', wallet), put('entries', entry)])
  },
})
