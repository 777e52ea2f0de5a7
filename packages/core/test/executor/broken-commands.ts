import { accept, type Change, type Command, defineCommand, put } from '../../src/commands.js'
import { couponOf, productOf } from '../../src/testing/index.js'

// biome-ignore lint/suspicious/noExplicitAny: any command on any user
export type AnyCommandForTest = Command<{ userId: string }, any>

const wallet = (userId: string, balance: number) =>
  put('wallets', { userId, balance, entries: 0, lots: null, createdAt: 0 })

const writing = (...changes: Change[]): AnyCommandForTest => defined({ decide: () => accept(null, changes) })

const defined = (parts: Partial<AnyCommandForTest>): AnyCommandForTest =>
  defineCommand({
    name: 'broken',
    check: () => [],
    keys: ({ userId }) => ({ lock: { wallets: [userId] } }),
    decide: () => accept(null, []),
    ...parts,
  })

const product = productOf({ productId: 'p', received: 1, stock: 1, held: 2 }).row
const coupon = couponOf({ couponId: 'c', quantity: 1, issued: 2 }).row
/** One command for each kind of bug that a group must survive. */
export const brokenCommands = {
  throws: defined({
    decide: () => {
      throw new Error('the decider is broken')
    },
  }),
  looksAside: defined({ decide: (facts) => accept(facts.product('p'), []) }),
  goesNegative: writing(wallet('x', -1)),
  overholds: writing(put('products', product)),
  overissues: writing(put('coupons', coupon)),
  writesThenGoesNegative: writing(wallet('written-first', 1), wallet('x', -1)),
  namesNoKeys: defined({
    keys: () => {
      throw new Error('no keys')
    },
  }),
}
