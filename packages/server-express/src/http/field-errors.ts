import type { InvalidField } from '@shop/core'

const maxReported = 10
const maxPathLength = 100

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('')
    .slice(0, maxPathLength)

/** The field errors of a request: the first few, and the number of the others. One request can contain thousands. */
export class FieldErrors {
  readonly #reported: InvalidField[]
  #omitted = 0

  constructor(first: readonly InvalidField[]) {
    this.#reported = [...first]
  }

  add(path: readonly PropertyKey[], message: string): void {
    if (this.#reported.length < maxReported) this.#reported.push({ path: pathText(path), message })
    else this.#omitted += 1
  }

  /** Adds one error for each unknown member of `path`. */
  addUnknown(path: readonly PropertyKey[], keys: readonly string[]): void {
    const reported = keys.slice(0, Math.max(0, maxReported - this.#reported.length))
    for (const key of reported) this.add([...path, key], 'is not a known field')
    this.#omitted += keys.length - reported.length
  }

  /** Empty if the request is valid. */
  get all(): readonly InvalidField[] {
    if (this.#omitted === 0) return this.#reported
    return [...this.#reported, { path: '', message: `and ${this.#omitted.toLocaleString('en')} more` }]
  }
}
