import { firstBalance, price, productCount, productId, productName, userId } from '../stage/seed.js'

/** Commands of a batch: as many as the largest group of the shop. */
export const batchSize = 256

export interface Wallet {
  readonly userId: string
  balance: number
  entries: number
}

/** A line of an order, in the order of its fields in JSON. */
export interface Line {
  readonly productId: string
  readonly name: string
  readonly unitPrice: number
  readonly quantity: number
  readonly amount: number
}

export interface ChoicesOptions {
  readonly users: number
  readonly lane: number
  readonly lanes: number
}

const below = (count: number): number => Math.floor(Math.random() * count)

const lineOf = (number: number): Line => ({
  productId: productId(number),
  name: productName(number),
  unitPrice: price,
  quantity: 1,
  amount: price,
})

/**
 * Users and products by chance, like in the workloads of the library, from the lane's share of both: groups of the
 * shop that run at once have no row in common either. Knows what is in the wallets, so nothing is read.
 */
export class Choices {
  readonly #options: ChoicesOptions
  readonly #wallets = new Map<string, Wallet>()

  constructor(options: ChoicesOptions) {
    this.#options = options
  }

  wallet(): Wallet {
    const { users, lane, lanes } = this.#options
    const id = userId(1 + lane + lanes * below(Math.floor(users / lanes)))
    let wallet = this.#wallets.get(id)
    if (!wallet) {
      wallet = { userId: id, balance: firstBalance, entries: 1 }
      this.#wallets.set(id, wallet)
    }
    return wallet
  }

  /** Three consecutive products. */
  lines(): readonly Line[] {
    const { lane, lanes } = this.#options
    const share = Math.floor(productCount / lanes)
    const first = 1 + lane * share + below(share - 2)
    return [first, first + 1, first + 2].map(lineOf)
  }
}

export const batchOf = <T>(make: () => T): T[] => Array.from({ length: batchSize }, make)
