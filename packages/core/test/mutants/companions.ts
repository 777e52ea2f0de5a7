import { companionRowsOf } from '../../src/engine/companions.js'
import { type CommandMiddleware, createShop, isStoreError, type ShopOptions } from '../../src/index.js'
import { type Changes, type CompanionRows, noKeys, nothingChanged, type Store } from '../../src/store.js'
import { type BreakStore, transacting } from './breakers/transact.js'
import type { Mutant } from './mutant.js'

const inFaults = ['ON-BAD-DAYS', 'BAD-DAYS-AT-ONCE', 'ALONE'] as const

const writeAlone = (store: Store, companions: readonly CompanionRows[]): Promise<void> =>
  store.transact(noKeys, () => ({ ...nothingChanged, companions }))

/** Commits the changes first, and the companion rows in a transaction of their own. */
const afterTheCommit: BreakStore = (store, isOn) =>
  transacting(store, async (keys, decide, options) => {
    let rows: Changes['companions'] = []
    const without = (changes: Changes): Changes => {
      rows = changes.companions
      return isOn ? { ...changes, companions: [] } : changes
    }
    await store.transact(keys, (loaded) => without(decide(loaded)), options)
    if (isOn && rows.length > 0) await writeAlone(store, rows)
  })

/** Commits the command without its companion rows if they are not accepted. */
const dropsWhatFails: BreakStore = (store, isOn) =>
  transacting(store, async (keys, decide, options) => {
    try {
      await store.transact(keys, decide, options)
    } catch (error) {
      if (!isOn || !isStoreError(error) || !error.companion) throw error
      await store.transact(keys, (loaded) => ({ ...decide(loaded), companions: [] }), options)
    }
  })

/** Writes the companion rows in a transaction of their own, before the changes. */
const beforeTheCommand: BreakStore = (store, isOn) =>
  transacting(store, async (keys, decide, options) => {
    if (!isOn) return store.transact(keys, decide, options)
    let rows: Changes['companions'] = []
    await store.transact(keys, (loaded) => {
      rows = decide(loaded).companions
      return nothingChanged
    })
    if (rows.length > 0) await writeAlone(store, rows)
    await store.transact(keys, (loaded) => ({ ...decide(loaded), companions: [] }), options)
  })

/** A failed companion looks like an outage of the store: the whole group is rejected. */
const failsTheGroup: BreakStore = (store, isOn) =>
  transacting(store, async (keys, decide, options) => {
    try {
      await store.transact(keys, decide, options)
    } catch (error) {
      throw isOn && isStoreError(error) && error.companion ? new Error('a bug') : error
    }
  })

/** Writes companion rows again when a key or a reference answers. */
const againForReplays = <Tx>(options: ShopOptions<Tx>) => {
  const again: CommandMiddleware = async (call, next) => {
    const outcome = await next(call)
    if (outcome.ok && outcome.replayed && call.with)
      await writeAlone(options.store as unknown as Store, companionRowsOf(call.with, outcome.result as never))
    return outcome
  }
  return createShop({ ...options, middleware: [again] })
}

export const companionMutants: readonly Mutant[] = [
  {
    id: 'X01',
    title: 'companion rows are written after the commit',
    part: 'store',
    fits: inFaults,
    breaks: { store: afterTheCommit },
  },
  {
    id: 'X02',
    title: 'a command commits without the companion rows that fail',
    part: 'store',
    fits: ['ALONE', 'SUPPORTS-COMPANIONS'],
    breaks: { store: dropsWhatFails },
  },
  {
    id: 'X03',
    title: 'companion rows are written before the command',
    part: 'store',
    fits: ['ALONE', ...inFaults],
    breaks: { store: beforeTheCommand },
  },
  {
    id: 'X04',
    title: 'companion rows that fail take the other commands of their group with them',
    part: 'store',
    fits: ['SUPPORTS-COMPANIONS', 'CROWDED', 'AT-ONCE'],
    breaks: { store: failsTheGroup },
  },
  {
    id: 'X05',
    title: 'companion rows are written again for a replay',
    part: 'executor',
    fits: ['COMPANION-REPLAYS'],
    breaks: { open: againForReplays as never },
  },
]
