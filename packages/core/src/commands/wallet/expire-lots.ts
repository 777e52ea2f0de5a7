import { accept, defineCommand } from '../../engine/command.js'
import { checkFence, type FencedInput, fenceLocks, passFence } from '../../engine/fence.js'
import { checkFields, id } from '../../shared/check.js'

/** Input of {@link expireLots}. */
export interface ExpireLots extends FencedInput {
  /** The user whose ended lots expire. */
  readonly userId: string
}

/**
 * Records the expiry of the lots that have ended. They are gone from their end on, even before this command runs: whatever
 * locks a wallet expires its lots first, so this command only locks it. Refused: INVALID_REQUEST, LEADERSHIP_LOST.
 *
 * @example await shop.execute(expireLots, { userId: 'mina' })
 */
export const expireLots = defineCommand<ExpireLots, null>({
  name: 'expire-lots',
  check: (input) => checkFields(input, { userId: id, fence: checkFence }),
  keys: (input) => ({ lock: { ...fenceLocks(input), wallets: [input.userId] } }),
  decide(facts, input) {
    const fence = passFence(facts, input)
    return fence.ok ? accept(null, fence.changes) : fence
  },
})
