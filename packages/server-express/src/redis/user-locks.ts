import { type Held, isId, type Locks, type Outcome, type Shop } from '@shop/core'
import type { Command } from '@shop/core/commands'

/** How it went with the lock of one command: `shared` with a command of the same user that this server had under way. */
export type UserLockResult = 'held' | 'shared' | 'busy' | 'away'

export interface UserLocksOptions {
  readonly locks: Locks
  /** What the locks of this database's users begin with. */
  prefix(): Promise<string>
  onResult(result: UserLockResult): void
}

/** A command waits so long for those that other servers have under way. */
const waitMs = 500
const leaseMs = 5_000

interface Turn {
  /** Resolves when the user's commands may run: under the lock, or without it. */
  readonly begun: Promise<void>
  commands: number
  end(): void
}

const nothing = (): void => undefined

/**
 * One server at a time runs the commands of a user. (seed 003) Those of one server share the lock, so that they still commit in
 * one group. Nothing depends on it: where it is not to be had in time, is lost, or Redis is away, the commands run without.
 */
export class UserLocks {
  readonly #options: UserLocksOptions
  readonly #turns = new Map<string, Turn>()

  constructor(options: UserLocksOptions) {
    this.#options = options
  }

  async run<T>(userId: string, command: () => Promise<T>): Promise<T> {
    let turn = this.#turns.get(userId)
    if (turn) this.#options.onResult('shared')
    else {
      turn = this.#begin(userId)
      this.#turns.set(userId, turn)
    }
    turn.commands += 1
    try {
      await turn.begun
      return await command()
    } finally {
      turn.commands -= 1
      if (turn.commands === 0) {
        this.#turns.delete(userId)
        turn.end()
      }
    }
  }

  #begin(userId: string): Turn {
    let end = nothing
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const begun = new Promise<void>((resolve) => {
      const work = async (): Promise<void> => {
        this.#options.onResult('held')
        resolve()
        await ended
      }
      void this.#lock(userId, work).then(
        ({ held }) => {
          if (!held) this.#options.onResult('busy')
          resolve()
        },
        () => {
          this.#options.onResult('away')
          resolve()
        },
      )
    })
    return { begun, commands: 0, end }
  }

  async #lock(userId: string, work: () => Promise<void>): Promise<Held<void>> {
    const { locks, prefix } = this.#options
    return locks.withLock(`${await prefix()}:user:${userId}`, work, { waitMs, leaseMs })
  }
}

/** The same shop, with the user's lock around each command that `execute` is given for a user. */
export const userLockedShop = <Tx>(shop: Shop<Tx>, locks: UserLocks): Shop<Tx> => {
  const execute: Shop<Tx>['execute'] = <Input, Result>(
    command: Command<Input, Result>,
    input: Input,
    options?: Parameters<Shop<Tx>['execute']>[2],
  ): Promise<Outcome<Result>> => {
    const { userId } = input as { readonly userId?: unknown }
    const run = () => shop.execute(command, input, options)
    return isId(userId) ? locks.run(userId, run) : run()
  }
  // By its descriptors, because some members are computed whenever they are read.
  return Object.defineProperties({} as Shop<Tx>, {
    ...Object.getOwnPropertyDescriptors(shop),
    execute: { value: execute, enumerable: true },
  })
}
