import { type Keys, keyText } from '../store/keys.js'

/** One text per row that a command locks. */
export const rowsOf = (keys: Partial<Keys>): readonly string[] => {
  const rows: string[] = []
  for (const id of keys.fences ?? []) rows.push(`f ${id}`)
  for (const id of keys.rankings ?? []) rows.push(`r ${id}`)
  for (const id of keys.events ?? []) rows.push(`e ${id}`)
  for (const id of keys.orders ?? []) rows.push(`o ${id}`)
  for (const id of keys.wallets ?? []) rows.push(`w ${id}`)
  for (const id of keys.coupons ?? []) rows.push(`c ${id}`)
  for (const key of keys.issuedCoupons ?? []) rows.push(`i ${keyText.issuedCoupon(key)}`)
  for (const id of keys.products ?? []) rows.push(`p ${id}`)
  return rows
}

/** What the queue knows of a command. */
export interface RowLocker {
  /** The rows it locks, one text each. */
  readonly rows: readonly string[]
}

/** How many of the longest blocked commands reserve their rows, so that later commands cannot starve them. */
const maxReserving = 16

/**
 * Orders commands into groups that share no row. Synchronous: no promise, no timer; the caller decides when to take a group.
 *
 * A command is in one of these states:
 *
 *     enqueue ──┬──────────────► READY ──takeGroup──► RUNNING ──release──► removed
 *               │                │   ▲
 *               │       takeGroup│   │release
 *               │                ▼   │
 *               └──────────────► BLOCKED
 *
 * - READY: waits only for a group. Groups take ready commands in order, up to `maxGroupSize`.
 * - BLOCKED: one of its rows is busy or reserved. Does not hold up the commands behind it.
 * - RUNNING: in a group that was taken and not yet released. Its rows are busy.
 *
 * Transitions:
 *
 * - `enqueue` makes a command READY if all its rows are free, otherwise BLOCKED.
 * - `takeGroup` makes READY commands RUNNING. A command whose row an earlier group took meanwhile becomes BLOCKED.
 *   Commands of one group may share rows: they are decided one after the other.
 * - `release` frees the rows of a group. BLOCKED commands are then looked at in order: those whose rows are free become
 *   READY, before the commands that are READY already. The first 16 that stay BLOCKED reserve their rows until the next
 *   `release`: nothing else may take them.
 *
 * Invariants: running groups have no row in common. While a command is BLOCKED, another is RUNNING or READY, so a `release`
 * follows that looks at it again.
 */
export class CommandQueue<Command extends RowLocker> {
  readonly #maxGroupSize: number
  #ready: Command[] = []
  #blocked: Command[] = []
  /** Rows of the running groups. */
  readonly #busy = new Set<string>()
  /** Rows that the longest blocked commands wait for. */
  readonly #reserved = new Set<string>()

  constructor(maxGroupSize: number) {
    this.#maxGroupSize = maxGroupSize
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  /** Returns whether the command is ready. */
  enqueue(command: Command): boolean {
    const isReady = this.#isFree(command)
    if (isReady) this.#ready.push(command)
    else this.#blocked.push(command)
    return isReady
  }

  /** The next group, or undefined if no command can run now. Release it once its transaction has ended. */
  takeGroup(): readonly Command[] | undefined {
    while (this.#ready.length > 0) {
      const group = this.#takeReady()
      if (group.length === 0) continue
      for (const { rows } of group) for (const row of rows) this.#busy.add(row)
      return group
    }
    return undefined
  }

  release(group: readonly Command[]): void {
    for (const { rows } of group) for (const row of rows) this.#busy.delete(row)
    this.#reserved.clear()
    const blocked = this.#blocked
    const freed: Command[] = []
    const stillBlocked: Command[] = []
    // Bounded, so that a release stays cheap however many commands wait for one row.
    const reach = Math.min(blocked.length, 4 * this.#maxGroupSize)
    for (let index = 0; index < reach; index += 1) {
      const command = blocked[index] as Command
      if (this.#isFree(command)) freed.push(command)
      else {
        if (stillBlocked.length < maxReserving) for (const row of command.rows) this.#reserved.add(row)
        stillBlocked.push(command)
      }
    }
    this.#blocked = reach === blocked.length ? stillBlocked : [...stillBlocked, ...blocked.slice(reach)]
    this.#ready = freed.length === 0 ? this.#ready : [...freed, ...this.#ready]
  }

  #isFree({ rows }: Command): boolean {
    return !rows.some((row) => this.#busy.has(row) || this.#reserved.has(row))
  }

  /** Ready commands up to a group. Those whose rows are busy by now become blocked. */
  #takeReady(): Command[] {
    const ready = this.#ready
    const group: Command[] = []
    let taken = 0
    for (; taken < ready.length && group.length < this.#maxGroupSize; taken += 1) {
      const command = ready[taken] as Command
      if (command.rows.some((row) => this.#busy.has(row))) this.#blocked.push(command)
      else group.push(command)
    }
    this.#ready = taken === ready.length ? [] : ready.slice(taken)
    return group
  }
}
