import type { EntryReferenceKey, StoredReferenceKey } from '../model/reference.js'
import type {
  IssuedCouponKey,
  KeyName,
  Keys,
  LockKeys,
  LockName,
  OutcomeKey,
  ReadKeys,
  SalesKey,
  SomeKeys,
} from './keys.js'
import { lockOrder, rowKey, schema } from './schema.js'

/** For each list, a function that makes one text of a key. */
type KeyTexts = { readonly [N in KeyName]: (key: (LockKeys & ReadKeys)[N][number]) => string }

const id = (key: string): string => key

/** One text for each key of a list, different for different keys of one list. */
export const keyText: KeyTexts = {
  ...(Object.fromEntries(lockOrder.map((name) => [name, schema[name].key.length === 1 ? id : rowKey[name]])) as Pick<
    KeyTexts,
    LockName
  >),
  outcomes: rowKey.outcomes,
  references: rowKey.references,
  referencedEntries: ({ kind, reference }) => `${reference} ${kind}`,
  openings: id,
  users: id,
  buyers: id,
  openOrders: id,
  couponCodes: id,
  terms: id,
  sales: ({ timeZone, from, to, size }: SalesKey): string => `${timeZone} ${from} ${to} ${size}`,
}

type Key = string | IssuedCouponKey | OutcomeKey | StoredReferenceKey | EntryReferenceKey | SalesKey
type SomeLists = { readonly [N in KeyName]?: readonly Key[] }

const textOf = keyText as { readonly [N in KeyName]: (key: Key) => string }

/** No keys at all. */
export const noKeys: Keys = {
  lock: Object.fromEntries(lockOrder.map((name) => [name, []])) as unknown as LockKeys,
  read: {
    outcomes: [],
    references: [],
    referencedEntries: [],
    openings: [],
    users: [],
    buyers: [],
    openOrders: [],
    couponCodes: [],
    terms: [],
    sales: [],
  },
}

const none: readonly Key[] = []

const mergeList = (parts: readonly (SomeLists | undefined)[], name: KeyName): readonly Key[] => {
  const text = textOf[name]
  let found: Map<string, Key> | undefined
  for (const part of parts) {
    const list = part?.[name]
    if (list === undefined) continue
    for (const key of list) {
      found ??= new Map()
      found.set(text(key), key)
    }
  }
  if (!found) return none
  const keys = found
  return keys.size === 1 ? [...keys.values()] : [...keys.keys()].sort().map((each) => keys.get(each) as Key)
}

const mergePart = <Part>(empty: Part, parts: readonly (SomeLists | undefined)[]): Part => {
  const merged: Record<string, readonly Key[]> = { ...(empty as Record<string, readonly Key[]>) }
  for (const name in merged) merged[name] = mergeList(parts, name as KeyName)
  return merged as Part
}

/** The keys of several commands as one. Plain comparison of UTF-16 units: for ids the same order as SQL's collation "C". */
export const mergeKeys = (all: readonly SomeKeys[]): Keys => ({
  lock: mergePart(
    noKeys.lock,
    all.map(({ lock }) => lock),
  ),
  read: mergePart(
    noKeys.read,
    all.map(({ read }) => read),
  ),
})

/** One text for each row that the keys lock, different for different rows of all tables. */
export const lockedRows = ({ lock }: SomeKeys): readonly string[] => {
  if (!lock) return []
  const rows: string[] = []
  for (const name of lockOrder) {
    const list: readonly Key[] | undefined = lock[name]
    if (list === undefined) continue
    for (const key of list) rows.push(`${name} ${textOf[name](key)}`)
  }
  return rows
}
