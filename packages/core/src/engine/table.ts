import { InvariantViolated } from '../shared/invariant.js'
import type { Rows, TableChanges, TableName } from '../store/rows.js'
import { isAppendOnly, rowKey, schema } from '../store/schema.js'

/** The rows of one table as a group sees them: as loaded, and as changed. */
export class Table<T extends TableName> {
  readonly #name: T
  readonly #key: (row: Rows[T]) => string
  readonly #constraint: ((row: Rows[T]) => string | undefined) | undefined
  readonly #isAppendOnly: boolean
  readonly #found = new Map<string, Rows[T]>()
  /** What the group has written: null for a removed row. */
  readonly #written = new Map<string, Rows[T] | null>()

  constructor(name: T, found: readonly Rows[T][] = []) {
    this.#name = name
    this.#key = rowKey[name]
    this.#constraint = schema[name].constraint
    this.#isAppendOnly = isAppendOnly(name)
    for (const row of found) this.#found.set(this.#key(row), row)
  }

  /** The row as loaded. */
  found(key: string): Rows[T] | undefined {
    return this.#found.get(key)
  }

  get(key: string): Rows[T] | undefined {
    const written = this.#written.get(key)
    return written === undefined ? this.#found.get(key) : (written ?? undefined)
  }

  /** Throws for a row that a decider must not write. A database would check it, too, but would fail the whole group. */
  check(row: Rows[T]): void {
    const broken = this.#constraint?.(row)
    if (broken !== undefined) throw new InvariantViolated(`${this.#name} ${this.#key(row)} with ${broken}`)
    if (this.#isAppendOnly && this.get(this.#key(row)))
      throw new InvariantViolated(`${this.#name} ${this.#key(row)} is there, and rows of ${this.#name} never change`)
  }

  put(row: Rows[T]): void {
    this.#written.set(this.#key(row), row)
  }

  remove(row: Rows[T]): void {
    this.#written.set(this.#key(row), null)
  }

  /** The changed rows, as loaded and as they are now. */
  touched(): readonly (readonly [Rows[T] | undefined, Rows[T] | undefined])[] {
    return [...this.#written].map(([key, row]) => [this.#found.get(key), row ?? undefined])
  }

  /** Each list in the order of its keys. Most stores load rows in that order: then little is left to sort. */
  changes(): TableChanges<Rows[T]> {
    const inserted: string[] = []
    const updated: string[] = []
    const removed: string[] = []
    for (const key of this.#found.keys()) {
      const written = this.#written.get(key)
      if (written !== undefined) (written ? updated : removed).push(key)
    }
    for (const [key, row] of this.#written) if (row && !this.#found.has(key)) inserted.push(key)
    const rows = (keys: string[], from: ReadonlyMap<string, Rows[T] | null>) =>
      keys.sort().map((key) => from.get(key) as Rows[T])
    return {
      inserted: rows(inserted, this.#written),
      updated: rows(updated, this.#written),
      removed: rows(removed, this.#found),
    }
  }
}
