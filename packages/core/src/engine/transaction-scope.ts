import { StoreError } from '../store/store-error.js'

/**
 * The calls of one transaction. Its end waits for those that have begun, and no other begins after it: the connection then
 * belongs to somebody else.
 */
export class TransactionScope {
  readonly #running = new Set<Promise<unknown>>()
  #hasEnded = false

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hasEnded) throw new StoreError('rejected', 'the transaction has ended: await every call before it ends')
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** The same object, whose functions run as calls of the transaction, and those of its `reads`. */
  over<Target extends object>(target: Target): Target {
    // Not over the target itself: a proxy must answer with the members of a frozen one.
    return new Proxy<Target>({} as Target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'function')
          return (...args: unknown[]) => this.#run(async () => Reflect.apply(member, target, args) as unknown)
        return typeof member === 'object' && member !== null ? this.over(member) : member
      },
    })
  }

  /** Ends the transaction for further calls, and resolves once the running ones have ended. */
  async end(): Promise<void> {
    this.#hasEnded = true
    await Promise.allSettled([...this.#running])
  }
}
