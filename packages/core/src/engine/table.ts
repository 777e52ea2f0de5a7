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
  readonly #current = new Map<string, Rows[T]>()
  readonly #touched = new Set<string>()

  constructor(name: T, found: readonly Rows[T][] = []) {
    this.#name = name
    this.#key = rowKey[name]
    this.#constraint = schema[name].constraint
    this.#isAppendOnly = isAppendOnly(name)
    for (const row of found) {
      const key = this.#key(row)
      this.#found.set(key, row)
      this.#current.set(key, row)
    }
  }

  /** The row as loaded. */
  found(key: string): Rows[T] | undefined {
    return this.#found.get(key)
  }

  get(key: string): Rows[T] | undefined {
    return this.#current.get(key)
  }

  /** Throws for a row that a decider must not write. A database would check it, too, but would fail the whole group. */
  check(row: Rows[T]): void {
    const broken = this.#constraint?.(row)
    if (broken !== undefined) throw new InvariantViolated(`${this.#name} ${this.#key(row)} with ${broken}`)
    if (this.#isAppendOnly && this.#current.has(this.#key(row)))
      throw new InvariantViolated(`${this.#name} ${this.#key(row)} is there, and rows of ${this.#name} never change`)
  }

  put(row: Rows[T]): void {
    const key = this.#key(row)
    this.#current.set(key, row)
    this.#touched.add(key)
  }

  remove(row: Rows[T]): void {
    const key = this.#key(row)
    this.#current.delete(key)
    this.#touched.add(key)
  }

  /** The changed rows, as loaded and as they are now. */
  touched(): readonly (readonly [Rows[T] | undefined, Rows[T] | undefined])[] {
    return [...this.#touched].map((key) => [this.#found.get(key), this.#current.get(key)])
  }

  changes(): TableChanges<Rows[T]> {
    const inserted: Rows[T][] = []
    const updated: Rows[T][] = []
    const removed: Rows[T][] = []
    for (const key of this.#touched.size > 1 ? [...this.#touched].sort() : this.#touched) {
      const before = this.#found.get(key)
      const after = this.#current.get(key)
      if (after) (before ? updated : inserted).push(after)
      else if (before) removed.push(before)
    }
    return { inserted, updated, removed }
  }
}
