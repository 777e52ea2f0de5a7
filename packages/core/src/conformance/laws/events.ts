import { type EventType, type EventView, subjectKey } from '../../model/event.js'
import type { AdminProductView } from '../../model/product.js'
import { canonicalJson } from '../../shared/canonical-json.js'
import type { HistoryLaw, Run } from './run.js'

/** The events of one subject, in their order. */
const eventsOf = ({ sight }: Run, subject: EventView['subject'], subjectId: string): readonly EventView[] =>
  sight.events
    .filter((event) => event.subject === subject && event.subjectId === subjectId)
    .sort((a, b) => a.sequence - b.sequence)

const isWanted = ({ history }: Run, type: EventType): boolean => history.policies.events.includes(type)

const typeOfEntry: Readonly<Record<string, EventType>> = {
  charge: 'wallet.charged',
  grant: 'wallet.granted',
  withdrawal: 'wallet.withdrawn',
  adjustment: 'wallet.adjusted',
  expiry: 'wallet.expired',
}

const compared = (what: string, found: readonly unknown[], due: readonly unknown[]): readonly string[] => {
  const [has, should] = [canonicalJson(found), canonicalJson(due)]
  return has === should ? [] : [`${what} are ${has} instead of ${should}`]
}

/** What an event says of the stock, if it says something. */
const stockIn = ({ data }: EventView): number | undefined => ('stock' in data ? data.stock : undefined)

/** Events of a product that contradict each other or the product. */
const brokenProduct = (run: Run, product: AdminProductView): readonly string[] => {
  const { productId, stock } = product
  const events = eventsOf(run, 'product', productId)
  const name = `product ${productId}`
  const found: string[] = []
  found.push(
    ...compared(
      `numbers of ${name}`,
      events.map(({ sequence }) => sequence),
      [...events.keys()].map((at) => at + 1),
    ),
  )
  const ends = events.filter(({ type }) => type === 'stock.sold-out' || type === 'stock.back')
  if (isWanted(run, 'stock.sold-out') && isWanted(run, 'stock.back')) {
    for (const [index, { type }] of ends.entries())
      if (type === ends[index - 1]?.type) found.push(`${type} of ${name} twice in a row`)
  }
  const last = events.findLast(({ type }) => type === 'stock.changed')
  if (last && stockIn(last) !== stock)
    found.push(`the last stock.changed of ${name} says ${stockIn(last)}, but it has ${stock}`)
  if (isWanted(run, 'product.changed')) found.push(...brokenStory(run, product, events))
  return found
}

const termsOf = ({ name, listed, opensAt, closesAt, sale, purchaseLimit, metadata }: AdminProductView): string =>
  canonicalJson({ name, listed, opensAt, closesAt, sale, purchaseLimit, metadata })

/** The story of a product that begins with its creation: with all types on, every step follows from the one before. */
const brokenStory = (run: Run, product: AdminProductView, events: readonly EventView[]): readonly string[] => {
  const name = `product ${product.productId}`
  const [first] = events
  if (first?.type !== 'product.changed') return [`the first event of ${name} is ${first?.type}`]
  const changed = events.findLast(({ type }) => type === 'product.changed') as EventView
  const found: string[] = []
  if (termsOf(changed.data as unknown as AdminProductView) !== termsOf(product))
    found.push(`the last product.changed of ${name} says ${JSON.stringify(changed.data)}`)
  if (!isWanted(run, 'stock.changed')) return found
  let stock = stockIn(first) as number
  const due: EventType[] = []
  for (const event of events) {
    if (event.type !== 'stock.changed') continue
    const now = stockIn(event) as number
    if (now === stock) found.push(`stock.changed of ${name} changes nothing`)
    if (now === 0 && isWanted(run, 'stock.sold-out')) due.push('stock.sold-out')
    if (stock === 0 && isWanted(run, 'stock.back')) due.push('stock.back')
    stock = now
  }
  if (stock !== product.stock) found.push(`the events of ${name} leave ${stock} units, but it has ${product.stock}`)
  const told = events.flatMap(({ type }) => (type === 'stock.sold-out' || type === 'stock.back' ? [type] : []))
  return [...found, ...compared(`ends of ${name}`, told, due)]
}

/** Laws of the events that tell of wallets, coupons and products. */
export const eventLaws: readonly HistoryLaw[] = [
  {
    id: 'EVENT-WANTED',
    sentence: 'No event has a type that policy `events` does not name, and no two of a subject have the same number.',
    kind: 'history',
    check(run) {
      const numbers = run.sight.events.map((event) => `${event.sequence} of ${subjectKey(event)}`)
      return [
        ...run.sight.events.filter(({ type }) => !isWanted(run, type)).map(({ type }) => `${type} is not wanted`),
        ...numbers.filter((each, index) => numbers.indexOf(each) < index).map((each) => `event ${each} is there twice`),
      ]
    },
  },
  {
    id: 'EVENT-OF-ENTRY',
    sentence: 'Every entry of a balance has exactly one event under its number if policy `events` names its type.',
    kind: 'history',
    check: (run) =>
      Object.entries(run.sight.wallets).flatMap(([userId, { entries }]) => {
        const due = [...entries].reverse().flatMap(({ entryId, kind }, index) => {
          const type = typeOfEntry[kind]
          return type !== undefined && isWanted(run, type) ? [[type, index + 1, entryId]] : []
        })
        const told = eventsOf(run, 'user', userId).map(({ type, sequence, data }) => [
          type,
          sequence,
          'entryId' in data && data.entryId,
        ])
        return compared(`events of user ${userId}`, told, due)
      }),
  },
  {
    id: 'EVENT-OF-COPY',
    sentence: 'Every issued copy of a coupon has exactly one event, counted from 1, if policy `events` names its type.',
    kind: 'history',
    check: (run) =>
      run.sight.coupons.flatMap(({ couponId }) => {
        const copies = Object.values(run.sight.owned).flat()
        const owners = copies.filter((copy) => copy.couponId === couponId).map(({ userId }) => userId)
        const due = isWanted(run, 'coupon.issued') ? owners.sort() : []
        const events = eventsOf(run, 'coupon', couponId)
        const told = events.map(({ data }) => ('userId' in data ? data.userId : '')).sort()
        const numbers = events.map(({ sequence }) => sequence)
        return [
          ...compared(`copies in the events of coupon ${couponId}`, told, due),
          ...compared(
            `numbers of coupon ${couponId}`,
            numbers,
            [...events.keys()].map((at) => at + 1),
          ),
        ]
      }),
  },
  {
    id: 'EVENT-OF-PRODUCT',
    sentence:
      'The events of a product lead from its first stock to its last: sold out and back alternate, and the last ones describe it as it is.',
    kind: 'history',
    check: (run) => Object.values(run.sight.products).flatMap((product) => brokenProduct(run, product)),
  },
]
