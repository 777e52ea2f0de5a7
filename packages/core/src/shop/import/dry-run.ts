import { noOutlines } from '../../engine/command.js'
import { checkCall, type DecideOptions, decideGroup, keysOf } from '../../engine/decide-group.js'
import type { CommandCall, Outcome } from '../../engine/outcome.js'
import { type Coupon, foldCode, type IssuedCoupon } from '../../model/coupon.js'
import type { Product } from '../../model/product.js'
import { addEntry, openWallet, type Wallet, type WalletEntry } from '../../model/wallet.js'
import { keyText, mergeKeys } from '../../store/key-lists.js'
import type { Keys } from '../../store/keys.js'
import type { Changes, Loaded } from '../../store/rows.js'
import { rowKey } from '../../store/schema.js'
import type { Transactor } from '../../store/store.js'
import { orUnavailable } from '../../store/store-error.js'
import type { ImportCall } from './parse-line.js'

type Load = Pick<Transactor, 'load'>

/** Decides calls on plain reads, in their order, each on the state that the earlier ones leave. Nothing is locked. */
const decideOn = async (calls: readonly CommandCall[], { load }: Load, options: DecideOptions) => {
  const invalid = calls.map((call) => checkCall(call))
  const members = calls.filter((_, index) => !invalid[index]).map((call) => ({ call, outlines: noOutlines }))
  const keys = mergeKeys(members.map((member) => keysOf(member, options.policies)))
  const { verdicts, changes } = decideGroup(members, keys, await orUnavailable(load(keys)), options)
  const decided = verdicts[Symbol.iterator]()
  const outcomes = invalid.map((refused): Outcome<unknown> => {
    if (refused) return refused
    const verdict = decided.next().value
    if (verdict && 'outcome' in verdict) return verdict.outcome
    throw verdict?.bug
  })
  return { outcomes, changes }
}

/** The calls whose data is there already, with their outcomes, by one read. */
export const findThere = async (
  calls: readonly ImportCall[],
  store: Load,
  options: DecideOptions,
): Promise<ReadonlyMap<ImportCall, Outcome<unknown>>> => {
  const { outcomes } = await decideOn(calls, store, options)
  const decided = calls.map((call, index) => [call, outcomes[index] as Outcome<unknown>] as const)
  return new Map(decided.filter(([call, outcome]) => call.isThere(outcome)))
}

/** The options of a dry run. */
export interface ImportDryRunOptions extends DecideOptions {
  /** The call with the guards of its command. */
  guarded(call: CommandCall): CommandCall
}

/** What a user would bring. */
interface Brought {
  readonly amount: number
  readonly reference: string | null
}

/** Rows with the same key replace those that are found. */
const over = <Row>(found: readonly Row[], own: readonly Row[], key: (row: Row) => string): readonly Row[] => {
  if (own.length === 0) return found
  const replaced = new Set(own.map(key))
  return [...found.filter((row) => !replaced.has(key(row))), ...own]
}

/**
 * Decides calls as if the earlier ones had been committed, and writes nothing. It remembers what they would have made: of a
 * user and of a copy of a coupon little more than the id.
 */
export class ImportDryRun {
  readonly #store: Load
  readonly #options: ImportDryRunOptions
  readonly #users = new Map<string, Brought | null>()
  readonly #references = new Map<string, string>()
  readonly #products = new Map<string, Product>()
  readonly #coupons = new Map<string, Coupon>()
  readonly #codes = new Map<string, string>()
  readonly #issued = new Set<string>()

  constructor(store: Load, options: ImportDryRunOptions) {
    this.#store = store
    this.#options = options
  }

  async decide(calls: readonly ImportCall[]): Promise<readonly Outcome<unknown>[]> {
    const load = async (keys: Keys): Promise<Loaded> => this.#added(keys, await this.#store.load(keys))
    const { outcomes, changes } = await decideOn(calls.map(this.#options.guarded), { load }, this.#options)
    this.#remember(changes)
    return outcomes
  }

  #remember({ wallets, entries, products, coupons, issuedCoupons }: Changes): void {
    for (const { userId } of wallets.inserted) this.#users.set(userId, null)
    for (const { userId, amount, reference } of entries.inserted) {
      this.#users.set(userId, { amount, reference })
      if (reference !== null) this.#references.set(reference, userId)
    }
    for (const product of products.inserted) this.#products.set(product.productId, product)
    for (const coupon of [...coupons.inserted, ...coupons.updated]) {
      this.#coupons.set(coupon.couponId, coupon)
      if (coupon.code !== null) this.#codes.set(foldCode(coupon.code), coupon.couponId)
    }
    for (const issued of issuedCoupons.inserted) this.#issued.add(rowKey.issuedCoupons(issued))
  }

  /** The loaded rows, with those that would have been made. */
  #added({ lock, read }: Keys, loaded: Loaded): Loaded {
    const { now } = loaded
    const opened = (userId: string): readonly { readonly wallet: Wallet; readonly entry?: WalletEntry }[] => {
      const brought = this.#users.get(userId)
      if (brought === undefined) return []
      const wallet = openWallet(userId, now)
      if (brought === null) return [{ wallet }]
      const { amount, reference } = brought
      const entry = { kind: 'opening', amount, reference: reference ?? undefined } as const
      return [addEntry(wallet, entry, { now, newId: () => `opening:${userId}` })]
    }
    const openings = (userIds: readonly string[]): readonly WalletEntry[] =>
      userIds.flatMap(opened).flatMap(({ entry }) => entry ?? [])
    const referenced = read.referencedEntries.flatMap(({ kind, reference }) =>
      kind === 'opening' ? (this.#references.get(reference) ?? []) : [],
    )
    const coupons = (couponIds: readonly string[]) => couponIds.flatMap((each) => this.#coupons.get(each) ?? [])
    const copies = lock.issuedCoupons.filter((key) => this.#issued.has(keyText.issuedCoupons(key)))
    const codes = read.couponCodes.flatMap((code) => {
      const couponId = this.#codes.get(code)
      return couponId === undefined ? [] : [{ code, couponId }]
    })
    return {
      ...loaded,
      wallets: [...loaded.wallets, ...lock.wallets.flatMap(opened).map(({ wallet }) => wallet)],
      openings: [...loaded.openings, ...openings(read.openings)],
      referencedEntries: [...loaded.referencedEntries, ...openings(referenced)],
      users: [...loaded.users, ...read.users.filter((userId) => this.#users.has(userId))],
      products: [...loaded.products, ...lock.products.flatMap((each) => this.#products.get(each) ?? [])],
      coupons: over(loaded.coupons, coupons(lock.coupons), rowKey.coupons),
      terms: over(loaded.terms, coupons(read.terms), ({ couponId }) => couponId),
      couponCodes: [...loaded.couponCodes, ...codes],
      issuedCoupons: [
        ...loaded.issuedCoupons,
        ...copies.map((key): IssuedCoupon => ({ ...key, issuedAt: now, usedByOrderId: null, usedUntil: null })),
      ],
    }
  }
}
