import type { Changes, Loaded, Store } from '@shop/core/store'

/**
 * The same store, which tells after every transaction what was picked of its changes: also where it failed, because it may
 * have committed all the same. What a caller changes inside a transaction of its own (`within`) is not seen.
 */
export const watchCommits = <Tx, Picked>(
  store: Store<Tx>,
  pick: (changes: Changes, loaded: Loaded) => Picked | undefined,
  tell: (picked: Picked) => Promise<void>,
): Store<Tx> => ({
  ...store,
  async transact(keys, decide, options) {
    let picked: Picked | undefined
    try {
      await store.transact(
        keys,
        (loaded) => {
          const changes = decide(loaded)
          picked = pick(changes, loaded)
          return changes
        },
        options,
      )
    } finally {
      if (picked !== undefined) await tell(picked)
    }
  },
})
