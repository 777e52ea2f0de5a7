import type { PgConnection } from './session.js'

export interface ObservablePool {
  on?(event: 'createSuccess', listener: (id: number, connection: PgConnection) => void): unknown
}

/** Decides which connections of a pool may be used. Several databases may share a pool. */
export class Fitness {
  static readonly #ofPools = new WeakMap<object, Fitness>()
  /** Grows when a connection turns out to lead to a standby: older connections may lead there, too. */
  #generation = 0
  readonly #madeIn = new WeakMap<PgConnection, number>()

  static of(client: { readonly pool?: ObservablePool }): Fitness {
    const known = Fitness.#ofPools.get(client)
    if (known) return known
    const fitness = new Fitness()
    Fitness.#ofPools.set(client, fitness)
    // A pool may make a connection long before it is first used.
    client.pool?.on?.('createSuccess', (_, connection) => fitness.#isMade(connection))
    return fitness
  }

  #isMade(connection: PgConnection): number {
    this.#madeIn.set(connection, this.#generation)
    return this.#generation
  }

  /** Why a connection of the pool must not be used; undefined if it may be. */
  unfit(connection: PgConnection): string | undefined {
    const madeIn = this.#madeIn.get(connection) ?? this.#isMade(connection)
    if (madeIn < this.#generation) return 'it may lead to a standby'
    const status = connection.getTransactionStatus()
    return status === 'T' || status === 'E' ? 'it was returned to the pool inside a transaction' : undefined
  }

  /** Call it when the connection's server accepts no writes. */
  isMisled(connection: PgConnection): void {
    if (this.#madeIn.get(connection) === this.#generation) this.#generation += 1
  }
}
