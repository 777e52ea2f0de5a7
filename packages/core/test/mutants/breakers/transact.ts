import { look } from '../../../src/conformance/laws/store/transactions.js'
import {
  type Changes,
  type Keys,
  type Loaded,
  noKeys,
  nothingChanged,
  type Rows,
  rowKey,
  type Store,
  StoreError,
  type TableName,
} from '../../../src/store.js'

export type BreakStore = (store: Store, isOn: boolean) => Store

/** Composes breakers; the last one is called first. */
export const all =
  (...breakers: readonly BreakStore[]): BreakStore =>
  (store, isOn) =>
    breakers.reduce((inner, breaker) => breaker(inner, isOn), store)

/** Lets other transactions run. */
export const gap = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

type Decide = (loaded: Loaded) => Changes

/** The same store with another `transact`. */
export const transacting = (store: Store, transact: Store['transact']): Store => ({ ...store, transact })

/** True on every nth call. */
export const every = (times: number): (() => boolean) => {
  let count = 0
  return () => {
    count += 1
    return count % times === 0
  }
}

/** Tables whose rows `transact` loads by their key. */
const loadables = [
  'events',
  'orders',
  'wallets',
  'coupons',
  'issuedCoupons',
  'products',
  'outcomes',
  'references',
] as const

type Loadable = (typeof loadables)[number]

const keysOf = (table: Loadable, rows: readonly unknown[]): readonly string[] =>
  rows.map(rowKey[table] as (row: unknown) => string)

const byKey = (table: Loadable, rows: readonly unknown[]): ReadonlyMap<string, object> => {
  const keys = keysOf(table, rows)
  return new Map(rows.map((row, index) => [keys[index] as string, row as object]))
}

/** The fresh rows with their old values: of some members, or of all. */
const mixed = (table: Loadable, stale: Loaded, fresh: Loaded, members?: readonly string[]): readonly unknown[] => {
  if (!members) return stale[table]
  const before = byKey(table, stale[table])
  return [...byKey(table, fresh[table])].map(([key, row]) => {
    const old = Object.entries(before.get(key) ?? {}).filter(([name]) => members.includes(name))
    return { ...row, ...Object.fromEntries(old) }
  })
}

/** Reads before it locks: decides on stale rows of a table, or on stale members of them. */
export const staleRows =
  <T extends Loadable>(table: T, members?: readonly (keyof Rows[T] & string)[]): BreakStore =>
  (store, isOn) =>
    transacting(store, async (keys, decide, options) => {
      const stale = await look(store, keys)
      await gap()
      await store.transact(
        keys,
        (loaded) => decide(isOn ? { ...loaded, [table]: mixed(table, stale, loaded, members) } : loaded),
        options,
      )
    })

/** Decides on other rows than were loaded. */
export const misreads =
  (alter: (loaded: Loaded) => Partial<Loaded>): BreakStore =>
  (store, isOn) =>
    transacting(store, (keys, decide, options) =>
      store.transact(keys, (loaded) => decide(isOn ? { ...loaded, ...alter(loaded) } : loaded), options),
    )

/** Writes other changes than the decider returned; `loaded` holds the true rows. */
export const altered =
  (alter: (changes: Changes, loaded: Loaded) => Changes): BreakStore =>
  (store, isOn) =>
    transacting(store, (keys, decide, options) =>
      store.transact(
        keys,
        (loaded) => {
          const changes = decide(loaded)
          return isOn ? alter(changes, loaded) : changes
        },
        options,
      ),
    )

/** Has no unique key: an insert overwrites an existing row. */
export const upserts = (table: Loadable): BreakStore =>
  altered((changes, loaded) => {
    const there = new Set(keysOf(table, loaded[table]))
    const { inserted, updated, removed } = changes[table]
    const isThere = (row: unknown) => there.has(keysOf(table, [row])[0] as string)
    const rows = inserted as readonly unknown[]
    return {
      ...changes,
      [table]: {
        inserted: rows.filter((row) => !isThere(row)),
        updated: [...updated, ...rows.filter(isThere)],
        removed,
      },
    }
  })

/** The changes of these tables, and the changes of all others. */
const split = (changes: Changes, tables: readonly (TableName | 'sales')[]): readonly [Changes, Changes] => {
  const only = (isIn: (name: string) => boolean): Changes =>
    Object.fromEntries(
      Object.entries(changes).map(([name, some]) => [name, isIn(name) ? some : nothingChanged[name as keyof Changes]]),
    ) as unknown as Changes
  const isChosen = (name: string) => (tables as readonly string[]).includes(name)
  return [only(isChosen), only((name) => !isChosen(name))]
}

const isEmpty = (changes: Changes): boolean =>
  Object.values(changes).every((each) => Object.values(each).every((rows) => rows.length === 0))

/** Writes the changes of some tables in a second transaction. Every nth time a crash between the two loses the second. */
export const splitCommit =
  (tables: readonly (TableName | 'sales')[], { crashes }: { readonly crashes: number }): BreakStore =>
  (store, isOn) => {
    const crash = every(crashes)
    return transacting(store, async (keys, decide, options) => {
      let later: Changes | undefined
      await store.transact(
        keys,
        (loaded) => {
          const changes = decide(loaded)
          if (!isOn) return changes
          const [second, first] = split(changes, tables)
          later = isEmpty(second) ? undefined : second
          return first
        },
        options,
      )
      const second = later
      if (!second || crash()) return
      await gap()
      await store.transact(keys, () => second)
    })
  }

/** Writes the changes of some tables on another connection. Every nth time the main transaction is aborted. */
export const outsideOf =
  (tables: readonly (TableName | 'sales')[], { aborts }: { readonly aborts: number }): BreakStore =>
  (store, isOn) => {
    const abort = every(aborts)
    return transacting(store, (keys, decide, options) =>
      store.transact(
        keys,
        (loaded) => {
          const changes = decide(loaded)
          const [outside, inside] = split(changes, tables)
          if (!isOn || isEmpty(outside)) return changes
          store.transact(noKeys, () => outside).catch(() => undefined)
          if (abort()) throw new StoreError('rejected', 'mutant: the transaction was aborted')
          return inside
        },
        options,
      ),
    )
  }

const sameRows = (a: Loaded, b: Loaded): boolean => {
  const { now: _a, ...left } = a
  const { now: _b, ...right } = b
  return JSON.stringify(left) === JSON.stringify(right)
}

/** Reads without locks. Reports a conflict if anything has changed before the write. Broken, it calls `onConflict` instead. */
export const optimistic =
  (onConflict: (changes: Changes, stale: Loaded, fresh: Loaded) => Changes): BreakStore =>
  (store, isOn) =>
    transacting(store, async (keys, decide, options) => {
      const stale = await look(store, keys)
      await gap()
      await store.transact(
        keys,
        (fresh) => {
          if (sameRows(stale, fresh)) return decide(fresh)
          if (!isOn) throw new StoreError('conflict', 'mutant: another transaction was faster')
          return onConflict(decide(stale), stale, fresh)
        },
        options,
      )
    })

/** The changes without the updates of rows that have changed since they were read. */
export const withoutLostUpdates = (changes: Changes, stale: Loaded, fresh: Loaded): Changes => {
  const kept = loadables.map((table) => {
    const [before, after] = [byKey(table, stale[table]), byKey(table, fresh[table])]
    const { updated, ...rest } = changes[table]
    const isFresh = (row: unknown) => {
      const [key = ''] = keysOf(table, [row])
      return JSON.stringify(before.get(key)) === JSON.stringify(after.get(key))
    }
    return [table, { ...rest, updated: (updated as readonly unknown[]).filter(isFresh) }]
  })
  return { ...changes, ...Object.fromEntries(kept) }
}

/** Concurrent transactions write sums that they read earlier, so that one is lost. */
export const lostSums: BreakStore = (store, isOn) => {
  let written = 0
  return transacting(store, async (keys, decide, options) => {
    const before = written
    await gap()
    await store.transact(
      keys,
      (loaded) => {
        const changes = decide(loaded)
        const isLost = written > before
        if (changes.sales.length > 0) written += 1
        return isOn && isLost ? { ...changes, sales: [] } : changes
      },
      options,
    )
  })
}

/** Shows members of wallets as the previous transaction found them. */
export const cachedBalances: BreakStore = (store, isOn) => {
  const cache = new Map<string, number>()
  return transacting(store, (keys: Keys, decide: Decide, options) =>
    store.transact(
      keys,
      (loaded) => {
        const wallets = loaded.wallets.map((wallet) => {
          const balance = cache.get(wallet.userId) ?? wallet.balance
          cache.set(wallet.userId, wallet.balance)
          return { ...wallet, balance }
        })
        return decide(isOn ? { ...loaded, wallets } : loaded)
      },
      options,
    ),
  )
}
