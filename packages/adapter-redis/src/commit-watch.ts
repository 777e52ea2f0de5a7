import type { Changes, Loaded, Store } from '@shop/core/store'

/**
 * Returns the store. After every transaction it passes what `pick` selects from the changes to `notify`, and waits for it.
 * It does so after a failure, too, because the transaction may have committed.
 * It does not see changes inside a caller's own transaction (`within`).
 */
export const watchCommits = <Tx, Picked>(
  store: Store<Tx>,
  pick: (changes: Changes, loaded: Loaded) => Picked | undefined,
  notify: (picked: Picked) => Promise<void>,
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
      if (picked !== undefined) await notify(picked)
    }
  },
})
