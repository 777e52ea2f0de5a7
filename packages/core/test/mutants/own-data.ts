import type { PlaceOrder } from '../../src/index.js'
import { believes, writes } from './breakers/decide.js'
import { answersByReference } from './breakers/references.js'
import { all, staleRows, upserts } from './breakers/transact.js'
import type { Mutant } from './mutant.js'

const everywhere = ['ALONE', 'CROWDED', 'INTERLEAVED'] as const

/** Mistakes about ids and metadata that callers choose. */
export const ownDataMutants: readonly Mutant[] = [
  {
    id: 'E01',
    title: 'own id of an order of another user accepted',
    part: 'decider',
    fits: everywhere,
    breaks: { decide: { 'place-order': believes(() => ({ orderExists: () => false })) } },
  },
  {
    id: 'E02',
    title: 'own id looked up before it is locked, without a unique key',
    part: 'store',
    fits: ['OWN-ORDER-IDS'],
    breaks: { store: all(upserts('orders'), staleRows('orders')) },
  },
  {
    id: 'E03',
    title: 'metadata decides: an order that carries some is free',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'place-order': believes<PlaceOrder>((facts, { metadata }) => ({
          product: (productId) => {
            const product = facts.product(productId)
            return product && Object.keys(metadata ?? {}).length > 0 ? { ...product, price: 0, sale: null } : product
          },
        })),
      },
    },
  },
  {
    id: 'E04',
    title: 'metadata lost when the order is paid',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'pay-order': writes((change) =>
          'put' in change && change.put === 'orders'
            ? [{ ...change, row: { ...change.row, metadata: null } }]
            : [change],
        ),
      },
    },
  },
  {
    id: 'E05',
    title: 'metadata merged with what was there',
    part: 'decider',
    fits: everywhere,
    breaks: {
      decide: {
        'update-order': writes<{ readonly orderId: string }>((change, facts, { orderId }) => {
          if (!('put' in change) || change.put !== 'orders') return [change]
          const metadata = { ...facts.order(orderId)?.metadata, ...change.row.metadata }
          return [{ ...change, row: { ...change.row, metadata } }]
        }),
      },
    },
  },
  {
    id: 'E06',
    title: 'reference replayed although the request has another order id',
    part: 'executor',
    fits: ['OWN-ORDER-IDS'],
    breaks: {
      execute: answersByReference(
        ({ ok }) => ok,
        (input) => JSON.stringify({ ...(input as object), orderId: undefined }),
      ),
    },
  },
]
