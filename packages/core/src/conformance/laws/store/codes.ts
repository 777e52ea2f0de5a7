import { mergeKeys } from '../../../store/key-lists.js'
import { isStoreError } from '../../../store/store-error.js'
import { differences } from '../../../testing/difference.js'
import { couponOf, productOf } from '../../../testing/given-rows.js'
import { inTime } from '../../stale-lists.js'
import { startOfHistory } from '../../steps.js'
import { ending, type Scenario } from '../trial.js'
import { atOnce, serversOn, soundly } from './servers.js'
import { look, put } from './transactions.js'

const coupon = (couponId: string, code: string | null) =>
  couponOf({ couponId, code, validFrom: startOfHistory, validUntil: startOfHistory + 9, createdAt: startOfHistory }).row

const p = (productId: string, row: Parameters<typeof productOf>[0] = {}) =>
  productOf({ productId, createdAt: startOfHistory, ...row }).row

const terms = { name: 'C', discount: { kind: 'fixed', amount: 1 }, validUntil: startOfHistory + 9 } as const

/** Scenarios of codes, and of the lists of products with hours. */
export const codeTrials: readonly Scenario[] = [
  {
    id: 'TRANSACT-CODES',
    sentence:
      'No two coupons have codes that differ only in case: a second one is a conflict and takes the other changes with it. Coupons without a code are free.',
    kind: 'history',
    async play({ store, another }) {
      const other = (await another?.()) ?? store
      await put(store, { inserted: { coupons: [coupon('c1', 'Spring-1'), coupon('c2', null), coupon('c3', null)] } })
      const again = await ending(put(other, { inserted: { coupons: [coupon('c4', 'SPRING-1')], products: [p('p1')] } }))
      const twice = await ending(put(store, { inserted: { coupons: [coupon('c5', 'ab-1'), coupon('c6', 'AB-1')] } }))
      await put(other, { inserted: { coupons: [coupon('c7', 'SPRING-2')] } })
      const codes = ['ab-1', 'none', 'spring-1', 'spring-2']
      const { couponCodes } = await look(store, { read: { couponCodes: codes } })
      const due = [
        { code: 'spring-1', couponId: 'c1' },
        { code: 'spring-2', couponId: 'c7' },
      ]
      const lists = [
        await store.couponsWithCodes(codes),
        couponCodes,
        (await other.load(mergeKeys([{ read: { couponCodes: codes } }]))).couponCodes,
      ].map((list) => list.toSorted((a, b) => (a.code < b.code ? -1 : 1)))
      const rows = await look(other, { lock: { coupons: ['c1', 'c2', 'c4', 'c5', 'c6'], products: ['p1'] } })
      const claimable = await inTime(other, 'claimableCoupons', async () => {
        const found = await other.reads.claimableCoupons({ limit: 9 })
        return differences(found.map(({ couponId }) => couponId).sort(), ['c2', 'c3'], 'the claimable coupons')
      })
      return [
        ...[again, twice].flatMap((ended, index) =>
          differences(
            !ended.ok && isStoreError(ended.error) && ended.error.kind,
            'conflict',
            `the end of the ${index === 0 ? 'second code' : 'two codes at once'}`,
          ),
        ),
        ...differences(lists, [due, due, due], 'the coupons with these codes'),
        ...differences(
          rows.coupons.map(({ code }) => code).sort(),
          ['Spring-1', null],
          'the codes as they were written',
        ),
        ...differences(rows.products, [], 'the product beside the second code'),
        ...claimable,
      ]
    },
  },
  {
    id: 'COUPON-CODE-RACE',
    sentence:
      'Of many coupons with one code at once, on several servers, one is created; users who know the code get it, whatever its case, up to its quantity.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const created = await atOnce(12, (index) =>
        at(index).coupons.create({ ...terms, quantity: 5, code: index % 3 ? 'Launch' : 'LAUNCH' }),
      )
      const issued = await atOnce(16, (index) =>
        at(index).coupons.issue({ userId: `u${Math.floor(index / 2)}`, code: index % 2 ? 'launch' : 'LaunCH' }),
      )
      const byId = await atOnce(1, async () => {
        const { items } = await at(0).coupons.list()
        return at(1).coupons.issue({ userId: 'ann', couponId: items[0]?.couponId, requiresCode: true })
      })
      return [
        ...differences(created, { accepted: 1, heard: ['COUPON_ALREADY_EXISTS'] }, 'the coupons'),
        ...differences(issued.accepted, 5, 'copies issued'),
        ...differences(byId, { accepted: 0, heard: ['COUPON_NOT_FOUND'] }, 'the claim by id'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'LIST-DROPS',
    sentence:
      'Listed products with hours are listed until they close, by the time they open and then by id; reads of products tell the store’s time.',
    kind: 'history',
    async play({ store, another }, clock) {
      const now = clock.now()
      const rows = [
        p('plain', { purchaseLimit: 1, sale: { price: 1, from: now, until: now + 9 } }),
        p('b-soon', { opensAt: now + 1 }),
        p('a-soon', { opensAt: now + 1, closesAt: now + 5, stock: 0, received: 0 }),
        p('z-always', { closesAt: now + 2 }),
        p('first', { opensAt: 0 }),
        p('open', { opensAt: now - 9, held: 2 }),
        p('closed', { opensAt: now - 9, closesAt: now }),
        p('hidden', { opensAt: now + 1, listed: false }),
      ]
      await put(store, { inserted: { products: rows } })
      const other = (await another?.()) ?? store
      const drops = async (limit = 9) => {
        const { found, now: told } = await other.reads.drops({ limit })
        return [told - now, ...found.map(({ productId }) => productId)]
      }
      const first = await inTime(other, 'drops', async () =>
        differences(
          [await drops(), await drops(2)],
          [
            [0, 'z-always', 'first', 'open', 'a-soon', 'b-soon'],
            [0, 'z-always', 'first'],
          ],
          'the drops',
        ),
      )
      clock.move(2)
      const later = await inTime(other, 'drops', async () =>
        differences(await drops(), [2, 'first', 'open', 'a-soon', 'b-soon'], 'the drops after one has closed'),
      )
      const told = await Promise.all([
        other.reads.product('open'),
        other.reads.product('none'),
        other.reads.products({ offset: 0, limit: 1 }),
      ])
      const due = Object.fromEntries(rows.map((row) => [row.productId, row]))
      const asked = await inTime(other, 'productsWithIds', async () => {
        const { now: at, found } = await other.reads.productsWithIds(['open', 'none', 'hidden', 'plain'])
        const byId = Object.fromEntries(found.map((row) => [row.productId, row]))
        return [
          ...differences(at - now, 2, 'the time of the read by id'),
          ...differences(Object.keys(byId).sort(), ['hidden', 'open', 'plain'], 'the products with these ids'),
          ...differences(byId, { hidden: due['hidden'], open: due['open'], plain: due['plain'] }, 'these products'),
        ]
      })
      return [
        ...first,
        ...later,
        ...differences(
          told.map((read) => read.now - now),
          [2, 2, 2],
          'the times of the reads',
        ),
        ...asked,
      ]
    },
  },
]
