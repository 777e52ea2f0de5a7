import type { ModelState, ReferenceNote } from './state.js'

const kindOf: Readonly<Record<string, string>> = {
  'balance.charge': 'charge',
  'balance.grant': 'grant',
  'balance.withdraw': 'withdrawal',
  'balance.adjust': 'adjustment',
  'orders.place': 'order',
  'orders.refund': 'refund',
}

/** The reference of a request: unique by kind, for orders by kind and user. */
export const referenceOf = (
  name: string,
  input: object,
): Pick<ReferenceNote, 'kind' | 'owner' | 'reference'> | undefined => {
  const { reference, userId = '' } = input as { reference?: string; userId?: string }
  const kind = kindOf[name]
  if (reference === undefined || kind === undefined) return undefined
  return { kind, owner: kind === 'order' ? userId : '', reference }
}

/** Sorts the members of an object and omits undefined ones, so that equal requests have equal texts. */
export const sameText = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

/**
 * The request of a reference. A request that moves money is the same if it asks for the same entry: no metadata and empty
 * metadata, no end and a null end, and two ways of writing one time ask for the same.
 */
export const referredRequest = (name: string, input: object): string => {
  if (!name.startsWith('balance.')) return sameText([name, input])
  const { metadata = {}, expiresAt, ...asked } = input as { metadata?: object; expiresAt?: string | number | null }
  const end = expiresAt === undefined || expiresAt === null ? null : new Date(expiresAt).getTime()
  return sameText([name, { ...asked, metadata, end }])
}

interface Named {
  readonly userId: string
  readonly entryId?: string
  readonly orderId?: string
  readonly refunds?: readonly { readonly refundId: string }[]
}

/** What the refusal of another request tells about the first one. */
const namesOf = (kind: string, result: unknown): Record<string, string> => {
  const { userId, entryId = '', orderId = '', refunds = [] } = result as Named
  if (kind === 'order') return { userId, orderId }
  if (kind === 'refund') return { userId, refundId: refunds.at(-1)?.refundId ?? '' }
  return { userId, entryId }
}

export const remember = (notes: ModelState, first: Omit<ReferenceNote, 'names'>): void => {
  notes.references.push({ ...first, names: namesOf(first.kind, first.result) })
}
