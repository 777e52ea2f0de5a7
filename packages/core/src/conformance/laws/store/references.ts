import { placeOrder } from '../../../commands/order/place-order.js'
import { refundOrder } from '../../../commands/payment/refund-order.js'
import { chargeBalance } from '../../../commands/wallet/charge-balance.js'
import type { AnyCommand } from '../../../engine/command.js'
import type { StoredReference } from '../../../model/reference.js'
import { canonicalJson } from '../../../shared/canonical-json.js'
import type { Shop } from '../../../shop/shop.js'
import { isStoreError } from '../../../store/store-error.js'
import { differences } from '../../../testing/difference.js'
import { entryOf, productOf } from '../../../testing/given-rows.js'
import { ending, type Scenario, textOf } from '../trial.js'
import { serversOn, soundly } from './servers.js'
import { look, put } from './transactions.js'

/** The different answers to the same call, sent `times` times at once, and how many of them are no replays. */
const race = async <Tx>(
  at: (index: number) => Shop<Tx>,
  command: AnyCommand,
  inputOf: (index: number) => unknown,
  times = 20,
) => {
  const outcomes = await Promise.all(
    Array.from({ length: times }, (_, index) => at(index).execute(command, inputOf(index))),
  )
  const accepted = outcomes.filter(({ ok }) => ok)
  return {
    accepted: accepted.length,
    refusals: [...new Set(outcomes.flatMap((each) => (each.ok ? [] : each.refusal.code)))],
    answers: new Set(accepted.map((each) => canonicalJson(each.ok && each.result))).size,
    decided: accepted.filter(({ replayed }) => !replayed).length,
  }
}

const row = (kind: StoredReference['kind'], owner = ''): StoredReference => ({
  kind,
  owner,
  reference: 'r-1',
  fingerprint: 'f',
  result: { list: [], nested: { none: null, text: '☕' } },
  userId: 'ann',
  subjectId: `of-${kind}`,
  entry: kind === 'order' ? null : 1,
  at: 1_000,
})

/** Scenarios of references. */
export const referenceTrials: readonly Scenario[] = [
  {
    id: 'TRANSACT-REFERENCES',
    sentence:
      'A reference is unique by kind and owner: a second one is a conflict and takes the other changes with it; other kinds and owners are free.',
    kind: 'history',
    async play({ store }) {
      const rows = [row('refund'), row('order', 'ann'), row('order', 'bob')]
      await put(store, { inserted: { references: rows.slice(0, 2) } })
      await put(store, { inserted: { references: rows.slice(2) } })
      const again = await ending(put(store, { inserted: { references: [row('refund')], products: [productOf().row] } }))
      const keys = rows.map(({ kind, owner, reference }) => ({ kind, owner, reference }))
      const found = await look(store, { lock: { products: ['p1'] }, read: { references: keys } })
      const sorted = [...found.references].sort((a, b) => (`${a.kind} ${a.owner}` < `${b.kind} ${b.owner}` ? -1 : 1))
      const due = [...rows].sort((a, b) => (`${a.kind} ${a.owner}` < `${b.kind} ${b.owner}` ? -1 : 1))
      return [
        ...(again.ok || !isStoreError(again.error) || again.error.kind !== 'conflict'
          ? [`a second reference ended with ${again.ok ? 'a commit' : textOf(again.error)} instead of a conflict`]
          : []),
        ...differences(found.products, [], 'the other change of the transaction'),
        ...differences(sorted, due, 'the references'),
      ]
    },
  },
  {
    id: 'TRANSACT-REFERENCED-ENTRIES',
    sentence:
      'No two entries of one kind carry the same reference: a second one is a conflict and takes the other changes with it; other kinds are free.',
    kind: 'history',
    async play({ store }) {
      const entries = (['charge', 'grant', 'refund'] as const).map(
        (kind, index) =>
          entryOf({ kind, sequence: index + 1, reference: 'r', orderId: kind === 'refund' ? 'o' : null }).row,
      )
      await put(store, { inserted: { entries } })
      const second = entryOf({ userId: 'u2', reference: 'r' }).row
      const again = await ending(put(store, { inserted: { entries: [second], products: [productOf().row] } }))
      const keys = [...entries, second].map(({ kind }) => ({ kind, reference: 'r' }))
      const others = [{ kind: 'withdrawal', reference: 'r' } as const, { kind: 'charge', reference: 'R' } as const]
      const found = await look(store, { lock: { products: ['p1'] }, read: { referencedEntries: [...keys, ...others] } })
      return [
        ...(again.ok || !isStoreError(again.error) || again.error.kind !== 'conflict'
          ? [`a second charge ended with ${again.ok ? 'a commit' : textOf(again.error)} instead of a conflict`]
          : []),
        ...differences(found.products, [], 'the other change of the transaction'),
        ...differences(
          [...found.referencedEntries].sort((a, b) => a.sequence - b.sequence),
          entries,
          'the entries',
        ),
      ]
    },
  },
  {
    id: 'REFERENCE-RACE',
    sentence:
      'Of many requests with one reference at once, on several servers, one is decided; the same request gets its answer, another one is refused.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 100, stock: 99 })
      const products = [{ productId: 'p', quantity: 3 }]
      const charged = await race(at, chargeBalance, () => ({ userId: 'u', amount: 9_000, reference: 'r' }))
      const mixed = await race(at, chargeBalance, (n) => ({ userId: 'u', amount: (n % 4) + 1, reference: 'm' }))
      const elsewhere = await race(at, chargeBalance, (n) => ({ userId: `u${n}`, amount: 1, reference: 'e' }))
      const placed = await race(at, placeOrder, () => ({ userId: 'u', products, reference: 'r' }))
      const [order] = (await at(1).orders.list({ reference: 'r' })).items
      const orderId = order?.orderId ?? 'none'
      await at(0).payments.pay({ userId: 'u', orderId })
      const lines = [{ productId: 'p', quantity: 1 }]
      const refunded = await race(at, refundOrder, () => ({ orderId, lines, reference: 'r' }))
      const { items } = await at(0).balance.history({ userId: 'u' })
      const once = { accepted: 20, refusals: [], answers: 1, decided: 1 }
      return [
        ...differences(charged, once, 'charges'),
        ...differences(mixed, { accepted: 5, refusals: ['REFERENCE_REUSED'], answers: 1, decided: 1 }, 'other charges'),
        ...differences(
          elsewhere,
          { accepted: 1, refusals: ['REFERENCE_REUSED'], answers: 1, decided: 1 },
          'charges of several users',
        ),
        ...differences(placed, once, 'orders'),
        ...differences(refunded, once, 'refunds'),
        ...differences(
          items.map(({ kind }) => kind),
          ['refund', 'payment', 'charge', 'charge'],
          'the history',
        ),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'REFERENCE-FOREVER',
    sentence: 'A reference answers with the first result years later, after every purge, whatever has happened since.',
    kind: 'eventually',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      const charge = { userId: 'u', amount: 1_000, reference: 'r' }
      await at(0).products.create({ productId: 'p', name: 'P', price: 100, stock: 9 })
      const order = { userId: 'u', products: [{ productId: 'p', quantity: 2 }], reference: 'r' }
      const first = [await at(0).execute(chargeBalance, charge), await at(0).execute(placeOrder, order)]
      const { items } = await at(0).orders.list()
      await at(1).payments.pay({ userId: 'u', orderId: items[0]?.orderId ?? 'none' })
      await at(1).orders.refund({ orderId: items[0]?.orderId ?? 'none' })
      clock.move(800 * 86_400_000)
      const retention = { outcomesMs: 0, sentEventsMs: 86_400_000, groupsMs: 0 }
      for (let turn = 0; turn < 3; turn += 1) await at(1).upkeep.purge(retention)
      const again = [await at(1).execute(chargeBalance, charge), await at(1).execute(placeOrder, order)]
      const other = await at(0).execute(chargeBalance, { ...charge, amount: 1_001 })
      const { balance } = await at(0).balance.get({ userId: 'u' })
      return [
        ...differences(
          again,
          first.map((each) => ({ ...each, replayed: true })),
          'the answers to the repetitions',
        ),
        ...differences(other, { ok: false, refusal: { code: 'REFERENCE_REUSED' } }, 'the answer to another request'),
        ...differences(balance, 1_000, 'the balance'),
        ...(await soundly(subject)),
      ]
    },
  },
]
