const idFields = new Set([
  'lotId',
  'refundId',
  'orderId',
  'usedByOrderId',
  'entryId',
  'paymentId',
  'eventId',
  'productId',
  'couponId',
  'subjectId',
])

/** Maps ids of the shop to ids of the oracle. Both make their own ids; equal positions in the answers identify them. */
export class Correspondence {
  #toOracle: Map<string, string> = new Map<string, string>()
  #toShop: Map<string, string> = new Map<string, string>()

  /** The input of a shop call, in the oracle's ids. */
  translate<T>(value: T): T {
    if (Array.isArray(value)) return value.map((each) => this.translate(each)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        idFields.has(name) && typeof member === 'string'
          ? (this.#toOracle.get(member) ?? member)
          : this.translate(member),
      ]),
    ) as T
  }

  /** The shop's id for an id that the oracle made. */
  nameInShop(id: string): string {
    return this.#toShop.get(id) ?? 'unknown id'
  }

  /** The first difference between the shop's answer and the oracle's, or undefined. */
  difference(shop: unknown, oracle: unknown, path = 'answer'): string | undefined {
    const name = path.slice(path.lastIndexOf('.') + 1)
    if (typeof shop === 'string' && typeof oracle === 'string' && (idFields.has(name) || /productIds\[/i.test(name))) {
      return this.#pair(shop, oracle) ? undefined : says(path, shop, this.#toShop.get(oracle) ?? oracle)
    }
    if (Array.isArray(shop) && Array.isArray(oracle)) {
      if (shop.length !== oracle.length) return says(path, shop, oracle)
      return first(shop.keys(), (index) => this.difference(shop[index], oracle[index], `${path}[${index}]`))
    }
    if (isObject(shop) && isObject(oracle)) {
      const members = new Set([...Object.keys(shop), ...Object.keys(oracle)])
      return first(members, (member) => this.difference(shop[member], oracle[member], `${path}.${member}`))
    }
    return shop === oracle ? undefined : says(path, shop, oracle)
  }

  /** Whether the answers are equal. Ids of answers that differ stay unknown. */
  isEqual(shop: unknown, oracle: unknown): boolean {
    const before = [new Map(this.#toOracle), new Map(this.#toShop)] as const
    if (this.difference(shop, oracle) === undefined) return true
    ;[this.#toOracle, this.#toShop] = before
    return false
  }

  #pair(shop: string, oracle: string): boolean {
    if (!this.#toOracle.has(shop) && !this.#toShop.has(oracle)) {
      this.#toOracle.set(shop, oracle)
      this.#toShop.set(oracle, shop)
    }
    return this.#toOracle.get(shop) === oracle && this.#toShop.get(oracle) === shop
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const says = (path: string, shop: unknown, oracle: unknown): string =>
  `${path}: the shop returned ${JSON.stringify(shop)}, the oracle ${JSON.stringify(oracle)}`

const first = <T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined => {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
