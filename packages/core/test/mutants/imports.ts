import type { AnyCommand, Coupon } from '../../src/commands.js'
import { accept, addEntry, put, refuse } from '../../src/commands.js'
import { createShop, type ShopOptions } from '../../src/index.js'
import { type BreakDecide, believes, writes } from './breakers/decide.js'
import { misreads } from './breakers/transact.js'
import type { Breaks, Mutant } from './mutant.js'

const once = ['IMPORT-ONCE'] as const

/** Imports run their commands by themselves, so a middleware replaces the decider. */
const decides = (name: string, breakIt: BreakDecide): Breaks => ({
  open: (options: ShopOptions<never>) =>
    createShop({
      ...options,
      middleware: [
        (call, next) => {
          const { command } = call
          if (command.name !== name) return next(call)
          const broken: AnyCommand = { ...command, decide: breakIt(command.decide) }
          return next({ ...call, command: broken })
        },
      ],
    }),
})

interface Brought {
  readonly userId: string
  readonly balance?: number
}

/** A copy more than there are, in a row that the constraint accepts. */
const roomy = (coupon: Coupon | undefined): Coupon | undefined =>
  coupon && { ...coupon, issued: Math.min(coupon.issued, coupon.quantity - 1) }

/** Mistakes of imports. */
export const importMutants: readonly Mutant[] = [
  {
    id: 'I01',
    title: 'opening balance comes again with the second run',
    part: 'decider',
    fits: once,
    breaks: decides('import-user', (decide) => (facts, input, context) => {
      const { userId, balance } = input as Brought
      const before = facts.wallet(userId)
      if (!before || !balance) return decide(facts, input, context)
      const { wallet, entry } = addEntry(before, { kind: 'opening', amount: balance }, context)
      return accept({ userId, imported: true }, [put('wallets', wallet), put('entries', entry)])
    }),
  },
  {
    id: 'I02',
    title: 'limit of charging applied to opening balances',
    part: 'decider',
    fits: once,
    breaks: decides('import-user', (decide) => (facts, input, context) => {
      const { balanceLimit: limit } = context.policies.charge
      return ((input as Brought).balance ?? 0) > limit
        ? refuse({ code: 'BALANCE_LIMIT_EXCEEDED', limit, balance: 0 })
        : decide(facts, input, context)
    }),
  },
  {
    id: 'I03',
    title: 'copies imported beyond the quantity of the coupon',
    part: 'decider',
    fits: once,
    breaks: decides(
      'import-issued-coupon',
      believes((facts) => ({ coupon: (couponId) => roomy(facts.coupon(couponId)) })),
    ),
  },
  {
    id: 'I04',
    title: 'dry run of an import writes',
    part: 'executor',
    fits: ['IMPORT-DRY-RUN'],
    breaks: {
      open: (options) => {
        const shop = createShop(options)
        return Object.create(shop, {
          import: {
            value: async (...[lines, given]: Parameters<typeof shop.import>) => ({
              ...(await shop.import(lines, { ...given, dryRun: false })),
              dryRun: given?.dryRun ?? false,
            }),
          },
        })
      },
    },
  },
  {
    id: 'I05',
    title: 'other balance of a user who is there dropped in silence',
    part: 'decider',
    fits: once,
    breaks: decides('import-user', (decide) => (facts, input, context) => {
      const { userId } = input as Brought
      const decision = decide(facts, input, context)
      return !decision.ok && decision.refusal.code === 'USER_ALREADY_EXISTS'
        ? accept({ userId, imported: false }, [])
        : decision
    }),
  },
  {
    id: 'I06',
    title: 'opening balance recorded as a charge',
    part: 'decider',
    fits: once,
    breaks: decides(
      'import-user',
      writes((change) =>
        'put' in change && change.put === 'entries' && change.row.reference === null
          ? [{ ...change, row: { ...change.row, kind: 'charge' } }]
          : [change],
      ),
    ),
  },
  {
    id: 'I07',
    title: 'opening entries not loaded',
    part: 'store',
    fits: [...once, 'LOAD-SEES'],
    breaks: { store: misreads(() => ({ openings: [] })) },
  },
]
