import type { EntryKind, UserEntryView } from '../../../model/wallet.js'
import type { Page } from '../../../shop/page.js'
import type { Shop } from '../../../shop/shop.js'
import type { Position } from '../../../store/reads.js'
import { differences } from '../../../testing/difference.js'
import { walletOf } from '../../../testing/given-rows.js'
import type { ManualClock } from '../../../testing/manual-clock.js'
import type { Scenario } from '../trial.js'
import { serversOn } from './servers.js'
import { put } from './transactions.js'

const day = 86_400_000

/** Every item of a list, read page by page. */
const all = async <Item>(read: (after: Position | undefined) => Promise<Page<Item>>): Promise<readonly Item[]> => {
  const items: Item[] = []
  let after: Position | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await read(after)
    items.push(...page.items)
    if (page.next === null) return items
    after = page.next
  }
  throw new Error('the list never ends')
}

/** Entries of every kind but `opening`, some of one time, some months apart, with the same references for several kinds. */
const fill = async <Tx>(shop: Shop<Tx>, clock: ManualClock): Promise<void> => {
  const now = clock.now()
  await shop.products.create({ productId: 'p', name: 'P', price: 300, stock: 99 })
  for (const userId of ['u1', 'u2', 'u3']) {
    await shop.balance.charge({ userId, amount: 5_000, reference: `charge-${userId}` })
    await shop.balance.grant({ userId, amount: 100, expiresAt: now + 40 * day })
  }
  await shop.balance.grant({ userId: 'u2', amount: 50, reference: 'r' })
  clock.move(30 * day)
  const { orderId } = await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 2 }] })
  await shop.payments.pay({ userId: 'u1', orderId })
  await shop.balance.withdraw({ userId: 'u3', amount: 1, reference: 'r' })
  clock.move(1)
  await shop.balance.adjust({ userId: 'u3', change: 5, reason: 'a mistake', reference: 'r' })
  // The expiry of the lots is recorded long after their end.
  clock.move(200 * day)
  await shop.balance.charge({ userId: 'u2', amount: 1, reference: 'r' })
  await shop.orders.refund({ orderId, lines: [{ productId: 'p', quantity: 1 }], reference: 'r' })
  await shop.balance.charge({ userId: 'u3', amount: 2 })
}

const newestFirst = (rows: readonly UserEntryView[]): readonly UserEntryView[] =>
  [...rows].sort((a, b) => (a.at === b.at ? (a.entryId < b.entryId ? 1 : -1) : a.at < b.at ? 1 : -1))

const filters: readonly { readonly kind?: EntryKind; readonly reference?: string }[] = [
  {},
  { kind: 'charge' },
  { kind: 'expiry' },
  { kind: 'grant' },
  { kind: 'opening' },
  { kind: 'adjustment', reference: 'r' },
  { kind: 'payment', reference: 'r' },
  { reference: 'r' },
  { reference: 'charge-u3' },
  { reference: 'unknown' },
]

/** Scenarios of the lists about money. */
export const listTrials: readonly Scenario[] = [
  {
    id: 'LIST-ENTRIES',
    sentence:
      'Entries of all users are listed newest first by time and id, each once over all pages, by kind and by reference.',
    kind: 'history',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      await fill(at(0), clock)
      const histories = await Promise.all(
        ['u1', 'u2', 'u3'].map(async (userId) =>
          (await at(1).balance.history({ userId, limit: 100 })).items.map((entry) => ({ ...entry, userId })),
        ),
      )
      const rows = newestFirst(histories.flat())
      const problems: string[] = []
      for (const filter of filters) {
        const { kind, reference } = filter
        const due = rows.filter(
          (row) => (kind ?? row.kind) === row.kind && (reference ?? row.reference) === row.reference,
        )
        for (const limit of [1, 2, 7]) {
          const listed = await all((after) => at(limit).balance.entries({ ...filter, limit, after }))
          problems.push(...differences(listed, due, `entries of ${JSON.stringify(filter)}, ${limit} a page`))
        }
      }
      return problems
    },
  },
  {
    id: 'LIST-ENDED-LOTS',
    sentence: 'Wallets with a lot that has ended are listed, the longest ended first, and no other wallet.',
    kind: 'history',
    async play({ store }, clock) {
      const now = clock.now()
      const wallet = (userId: string, ...ends: readonly (number | null)[]) => {
        const lots = ends.map((end, index) => ({
          lotId: `${userId}-${index}`,
          amount: 1,
          expiresAt: end === null ? null : now + end,
          sequence: index + 1,
        }))
        return walletOf({ userId, balance: 9, entries: 9, lots: lots.length === 0 ? null : lots }).row
      }
      const wallets = [
        wallet('a', 20, null),
        wallet('b', 10, 30),
        wallet('c'),
        wallet('d', null),
        wallet('e', 10),
        wallet('f', 21),
      ]
      await put(store, { inserted: { wallets } })
      const ended = async (limit = 9) => store.reads.walletsWithEndedLots({ limit })
      clock.move(9)
      const early = await ended()
      clock.move(1)
      const first = await ended()
      clock.move(10)
      const more = [await ended(), await ended(1)]
      const changed = [wallet('b', 30), wallet('e'), wallet('c', 5)]
      await put(store, { updated: { wallets: changed } }, { lock: { wallets: ['b', 'c', 'e'] } })
      return differences(
        [early, first.toSorted(), more[0]?.slice(2), more[1]?.length, await ended()],
        [[], ['b', 'e'], ['a'], 1, ['c', 'a']],
        'the wallets',
      )
    },
  },
  {
    id: 'LIST-REFERENCED-ORDERS',
    sentence: 'Orders are found by their reference: at most one of each user, newest first, over all pages.',
    kind: 'history',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 0, stock: 99 })
      const place = (userId: string, reference?: string) =>
        at(0).orders.place({ userId, products: [{ productId: 'p', quantity: 1 }], reference })
      const placed: string[] = []
      for (const userId of ['u1', 'u2', 'u3']) {
        placed.unshift((await place(userId, 'r')).orderId)
        await place(userId, `other-${userId}`)
        await place(userId)
        clock.move(1)
      }
      const ids = async (query: object) =>
        (await all((after) => at(1).orders.list({ reference: 'r', limit: 1, after, ...query }))).map(
          ({ orderId }) => orderId,
        )
      await at(1).payments.pay({ userId: 'u2', orderId: placed[1] ?? 'none' })
      return [
        ...differences(await ids({ limit: 2 }), placed, 'the orders of the reference'),
        ...differences(await ids({}), placed, 'the orders of the reference, one a page'),
        ...differences(await ids({ userId: 'u1' }), placed.slice(2), 'the order of one user'),
        ...differences(await ids({ status: 'paid' }), placed.slice(1, 2), 'the paid order'),
        ...differences(await ids({ reference: 'unknown' }), [], 'the orders of an unknown reference'),
      ]
    },
  },
]
