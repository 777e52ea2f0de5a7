import { type CommandMiddleware, type Held, isId, type Locks } from '@shop/core'

/** How a command got its turn. `shared`: this server already ran a command of the user. `busy`, `away`: without the lock. */
export type UserLockResult = 'held' | 'shared' | 'busy' | 'away'

/** Settings of `userLocks`. */
export interface UserLocksOptions {
  /** Names the database, so that two shops do not share locks. Asked once per lock. @default async () => 'shop' */
  prefix?(): Promise<string>
  /** Observes how the lock of a command came about. Must not throw. */
  onResult?(result: UserLockResult): void
}

/** How long a command waits for another server's commands of the same user. */
const waitMs = 500
const leaseMs = 5_000

/** The commands of one user that this server runs under one lock. */
interface Turn {
  /** Resolves when the commands may run: with the lock, or without it. */
  readonly begun: Promise<void>
  commands: number
  end(): void
}

const nothing = (): void => undefined

/**
 * Middleware: one server at a time runs the commands of a user. Commands of one server share the lock, so they
 * still commit in one group. Commands whose input names no `userId` pass untouched.
 *
 * The lock only lowers contention; the store decides. A command runs without the lock if it times out, is lost, or Redis
 * is away. Each lock costs a round trip to acquire and one to release, so it pays only if servers often meet at one user.
 */
export const userLocks = (
  locks: Locks,
  { prefix = async () => 'shop', onResult = nothing }: UserLocksOptions = {},
): CommandMiddleware => {
  const turns = new Map<string, Turn>()

  const acquire = async (userId: string, work: () => Promise<void>): Promise<Held<void>> =>
    locks.withLock(`${await prefix()}:user:${userId}`, work, { waitMs, leaseMs })

  const begin = (userId: string): Turn => {
    let end = nothing
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const begun = new Promise<void>((resolve) => {
      const work = async (): Promise<void> => {
        onResult('held')
        resolve()
        await ended
      }
      void acquire(userId, work).then(
        ({ held }) => {
          if (!held) onResult('busy')
          resolve()
        },
        () => {
          onResult('away')
          resolve()
        },
      )
    })
    return { begun, commands: 0, end }
  }

  return async (call, next) => {
    const { userId } = call.input as { readonly userId?: unknown }
    if (!isId(userId)) return next(call)
    let turn = turns.get(userId)
    if (turn) onResult('shared')
    else {
      turn = begin(userId)
      turns.set(userId, turn)
    }
    turn.commands += 1
    try {
      await turn.begun
      return await next(call)
    } finally {
      turn.commands -= 1
      if (turn.commands === 0) {
        turns.delete(userId)
        turn.end()
      }
    }
  }
}
