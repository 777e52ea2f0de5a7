import type { HistoryLossView } from '../../../model/history-loss.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { HistoryStore, Store } from '../../../store/store.js'
import { changesOf } from '../../../testing/changes.js'
import { differences } from '../../../testing/difference.js'
import { walletOf } from '../../../testing/given-rows.js'
import type { OpenShop, Scenario } from '../trial.js'
import { ending } from '../trial.js'

const insert = (store: Pick<Store<never>, 'transact'>, userId: string): Promise<void> => {
  const { row } = walletOf({ userId })
  return store.transact(
    mergeKeys([{ lock: { wallets: [userId] } }]),
    () => changesOf({ inserted: { wallets: [row] } }),
    { groupId: `group-${userId}` },
  )
}

/** A history of which a test says what it has lost. */
class LosingHistory implements HistoryStore {
  #name = 'first'
  #loses: (groupId: string) => boolean = () => false

  identity(): Promise<string> {
    return Promise.resolve(this.#name)
  }

  missing(groupIds: readonly string[]) {
    // The marks of all groups are kept.
    return Promise.resolve({ history: this.#name, groupIds: groupIds.filter(this.#loses), now: 0, oldestMarkAt: 0 })
  }

  /** Begins another history without some groups. */
  change(name: string, loses: (groupId: string) => boolean): void {
    this.#name = name
    this.#loses = loses
  }
}

const shopOn = <Tx>(store: Store<Tx>, open: OpenShop) => {
  const history = new LosingHistory()
  const shop = open({ store: { ...store, history } })
  // Checks run only when the scenario asks for one.
  return { shop, history, watch: shop.history.watch({ everyMs: 3_600_000 }) }
}

const open = ({ acknowledgedAt }: HistoryLossView): boolean => acknowledgedAt === null

/** Scenarios of histories that were lost. */
export const lostHistoryTrials: readonly Scenario[] = [
  {
    id: 'HISTORY-TOLD',
    sentence:
      'A store that can tell whether its history is whole names the same history as long as nothing happens, misses no group that committed, and decides none that did not; or it does not offer to tell.',
    kind: 'history',
    async play({ store }) {
      const { history } = store
      if (!history) return []
      await insert(store, 'ann')
      const before = await history.identity()
      const asked = await history.missing(['group-bob', 'group-ann', 'group-eve'])
      // The question has not decided the group: it can still commit.
      await insert(store, 'bob')
      await store.committed('group-eve')
      const later = await history.missing(['group-ann', 'group-bob', 'group-eve'])
      const many = Array.from({ length: 12_000 }, (_, index) => `none-${index}`)
      const none = await history.missing([])
      const all = await history.missing([...many, 'group-ann'])
      return [
        ...differences(before.length > 0 && before.length <= 200, true, 'whether the identity has 1 to 200 characters'),
        ...differences(await history.identity(), before, 'the identity afterwards'),
        ...differences(
          [asked, later, none, all].map((each) => each.history),
          [before, before, before, before],
          'histories',
        ),
        ...differences([...asked.groupIds].sort(), ['group-bob', 'group-eve'], 'the missing groups'),
        ...differences(later.groupIds, ['group-eve'], 'the missing group after it was denied'),
        ...differences(none.groupIds, [], 'the missing ones of no group'),
        ...differences(all.groupIds.length, many.length, 'how many of many groups are missing'),
      ]
    },
  },
  {
    id: 'HISTORY-LOST',
    sentence:
      'Acknowledged commands that the store no longer has are recorded once, break the law until an administrator acknowledges them, and are told to the receiver of events. A change that lost nothing is not recorded.',
    kind: 'history',
    async play({ store }, _clock, openShop) {
      const { shop, history, watch } = shopOn(store, openShop)
      await watch.check()
      await shop.users.register({ userId: 'ann' })
      await shop.balance.charge({ userId: 'ann', amount: 10_000 })
      await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 9 })
      history.change('kept', () => false)
      await watch.check()
      const kept = await shop.history.losses()
      const products = [{ productId: 'p', quantity: 1 }]
      const key = { idempotency: { scope: 'ann', key: 'once' } }
      const [first, second] = [
        await shop.orders.place({ userId: 'ann', products }, key),
        await shop.orders.place({ userId: 'ann', products }),
      ]
      await shop.orders.place({ userId: 'ann', products }, key)
      await ending(shop.orders.place({ userId: 'ann', products: [{ productId: 'none', quantity: 1 }] }))
      history.change('short', () => true)
      await watch.check()
      await watch.check()
      const { items } = await shop.history.losses({ open: true })
      const { violations } = await shop.audit()
      history.change('again', () => true)
      await watch.check()
      const after = (await shop.history.losses()).items
      const told = (await shop.outbox.list({ limit: 100 })).items.filter(({ type }) => type === 'history.lost')
      const lossId = after[0]?.lossId ?? 'none'
      const done = await shop.history.acknowledge({ lossId, note: 'dealt with' })
      await shop.history.acknowledge({ lossId, note: 'again' })
      await watch.stop()
      const orderIds = [first.orderId, second.orderId].sort()
      const lost = { groups: 5, commands: 5, orderIds, fromHistory: 'kept', toHistory: 'short', isPartial: false }
      return [
        ...differences(kept.items, [], 'losses where nothing was lost'),
        ...differences(items.map(open), [true], 'whether the losses are open'),
        ...differences(items[0], lost, 'the loss'),
        ...differences(
          violations.map(({ law, subject }) => [law, subject]),
          [['HISTORY-KEPT', `loss ${lossId}`]],
          'the violations before it is acknowledged',
        ),
        ...differences(after.length, 1, 'losses after another change'),
        ...differences(
          told.map(({ subject, subjectId, data }) => [subject, subjectId, (data as Partial<HistoryLossView>).orderIds]),
          [['history', lossId, orderIds]],
          'the events',
        ),
        ...differences([done.note, open(done)], ['dealt with', false], 'the acknowledged loss'),
        ...differences((await shop.history.losses({ open: true })).items, [], 'open losses in the end'),
        ...differences((await shop.history.losses()).items, [{ note: 'dealt with' }], 'losses in the end'),
        ...differences((await shop.audit()).violations, [], 'violations in the end'),
      ]
    },
  },
]
