import type { Shop } from '../../../shop/shop.js'
import { differences } from '../../../testing/difference.js'
import { daysOfHistories, startOfHistory } from '../../steps.js'
import type { Scenario } from '../trial.js'
import { serversOn, soundly } from './servers.js'

const hour = 3_600_000

/** More than any charge may reach. */
const fortune = 10 ** 15 + 1

const coupon = { type: 'coupon', name: 'C', discount: { kind: 'fixed', amount: 1 }, quantity: 2 }

/** Ten good lines; each of the last two lines wants a copy that is not there. */
const lines: readonly object[] = [
  { type: 'user', userId: 'u1', balance: fortune },
  { type: 'user', userId: 'u2', balance: 700, reference: 'old-2' },
  { type: 'user', userId: 'u3', balance: 0 },
  { type: 'user', userId: 'u4' },
  { type: 'product', productId: 'p', name: 'P', price: 100, stock: 9 },
  { ...coupon, couponId: 'ended', validFrom: startOfHistory - 2 * hour, validUntil: startOfHistory - hour },
  { ...coupon, couponId: 'coming', validFrom: startOfHistory + hour, validUntil: startOfHistory + 2 * hour },
  { type: 'issued-coupon', couponId: 'ended', userId: 'u1' },
  { type: 'issued-coupon', couponId: 'coming', userId: 'u1' },
  { type: 'issued-coupon', couponId: 'coming', userId: 'u2' },
  { type: 'issued-coupon', couponId: 'coming', userId: 'u3' },
  { type: 'issued-coupon', couponId: 'none', userId: 'u1' },
]

const goodLines = 10

/** Lines that bring other money to the same users. */
const otherMoney: readonly object[] = [
  { type: 'user', userId: 'u1', balance: 1 },
  { type: 'user', userId: 'u2', balance: 700, reference: 'other' },
  { type: 'user', userId: 'u4', balance: 5 },
  { type: 'user', userId: 'u5', balance: 700, reference: 'old-2' },
]

const stateOf = async <Tx>(shop: Shop<Tx>) => {
  const histories = await Promise.all(['u1', 'u2', 'u3', 'u4'].map((userId) => shop.balance.history({ userId })))
  const copies = await Promise.all(['u1', 'u2', 'u3'].map((userId) => shop.coupons.ofUser({ userId })))
  return {
    histories: histories.map(({ items }) =>
      items.map(({ kind, amount, balance, reference = null }) => [kind, amount, balance, reference]),
    ),
    copies: copies.map(({ items }) => items.map(({ couponId }) => couponId).sort()),
    issued: [
      (await shop.coupons.get({ couponId: 'ended' })).issued,
      (await shop.coupons.get({ couponId: 'coming' })).issued,
    ],
    stock: (await shop.products.get({ productId: 'p' })).stock,
  }
}

const due = {
  histories: [[['opening', fortune, fortune, null]], [['opening', 700, 700, 'old-2']], [['opening', 0, 0, null]], []],
  copies: [['coming', 'ended'], ['coming'], []],
  issued: [1, 2],
  stock: 9,
}

/** Scenarios of imports. */
export const importTrials: readonly Scenario[] = [
  {
    id: 'IMPORT-ONCE',
    sentence:
      'An import that runs on two servers at once, and again, has the effect of one: no limit of charging applies, a coupon keeps its quantity, and no money of a user is lost or comes twice.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const together = await Promise.all([at(0).import(lines, { audit: false }), at(1).import(lines, { audit: false })])
      const again = await at(1).import(lines)
      const other = await at(0).import(otherMoney)
      const { movements, closing } = await at(0).statement(daysOfHistories)
      const opened = fortune + 700
      return [
        ...differences(
          [
            together.reduce((sum, { imported }) => sum + imported, 0),
            together.reduce((sum, { skipped }) => sum + skipped, 0),
            together.map(({ bad }) => bad),
          ],
          [goodLines, goodLines, [2, 2]],
          'imported, skipped and bad lines of two imports at once',
        ),
        ...differences(
          again,
          { imported: 0, skipped: goodLines, bad: 2, audit: { ok: true } },
          'the import after them',
        ),
        ...differences(other, { imported: 0, skipped: 0, bad: 4 }, 'an import of other balances'),
        ...differences(await stateOf(at(1)), due, 'the data'),
        ...differences(
          movements.filter(({ amount }) => amount !== 0),
          [{ kind: 'opening', amount: opened }],
          'the movements of the statement',
        ),
        ...differences(closing, opened, 'the closing of the statement'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'IMPORT-DRY-RUN',
    sentence: 'A dry run of an import changes no row, and counts what the import then does, line by line.',
    kind: 'history',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).import(lines.slice(0, 3))
      const file = [...lines, ...lines, ...otherMoney]
      const dry = await at(0).import(file, { dryRun: true })
      const { checked } = await at(1).audit()
      const real = await at(1).import(file)
      const { audit: _, ...counted } = real
      return [
        ...differences(checked, { wallets: 3, entries: 3, products: 0, coupons: 0 }, 'the rows after the dry run'),
        ...differences(dry, { ...counted, dryRun: true }, 'the report of the dry run'),
        ...differences(await stateOf(at(0)), due, 'the data after the import'),
      ]
    },
  },
]
