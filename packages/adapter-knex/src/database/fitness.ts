import type { PgConnection } from './session.js'

export interface ObservablePool {
  on?(event: 'createSuccess', listener: (id: number, connection: PgConnection) => void): unknown
}

/** Which connections of a pool may be used. Several databases may share a pool. */
export class Fitness {
  static readonly #ofPools = new WeakMap<object, Fitness>()
  /** Grows whenever a connection turns out to lead to a standby: those that were made before may lead there, too. */
  #generation = 0
  readonly #madeIn = new WeakMap<PgConnection, number>()

  static of(client: { readonly pool?: ObservablePool }): Fitness {
    const known = Fitness.#ofPools.get(client)
    if (known) return known
    const fitness = new Fitness()
    Fitness.#ofPools.set(client, fitness)
    // A pool also makes connections that it lends much later.
    client.pool?.on?.('createSuccess', (_, connection) => fitness.#isMade(connection))
    return fitness
  }

  #isMade(connection: PgConnection): number {
    this.#madeIn.set(connection, this.#generation)
    return this.#generation
  }

  /** Why a connection that the pool lends must not be used, if so. */
  unfit(connection: PgConnection): string | undefined {
    const madeIn = this.#madeIn.get(connection) ?? this.#isMade(connection)
    if (madeIn < this.#generation) return 'it may lead to a standby'
    const status = connection.getTransactionStatus()
    return status === 'T' || status === 'E' ? 'it was given back in the middle of a transaction' : undefined
  }

  /** The connection led to a server that takes no writes. */
  isMisled(connection: PgConnection): void {
    if (this.#madeIn.get(connection) === this.#generation) this.#generation += 1
  }
}
