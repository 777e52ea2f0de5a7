import type { InvalidField } from '@shop/core'

const maxTold = 10
const maxPathLength = 100

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('')
    .slice(0, maxPathLength)

/** What is wrong with a request: the first few faults, and how many more there are. A request can hold thousands. */
export class Faults {
  readonly #told: InvalidField[]
  #untold = 0

  constructor(first: readonly InvalidField[]) {
    this.#told = [...first]
  }

  add(path: readonly PropertyKey[], message: string): void {
    if (this.#told.length < maxTold) this.#told.push({ path: pathText(path), message })
    else this.#untold += 1
  }

  /** One fault for each of these members of `path`. */
  addUnknown(path: readonly PropertyKey[], keys: readonly string[]): void {
    const told = keys.slice(0, Math.max(0, maxTold - this.#told.length))
    for (const key of told) this.add([...path, key], 'is not known here')
    this.#untold += keys.length - told.length
  }

  /** Empty where nothing is wrong. */
  get errors(): readonly InvalidField[] {
    if (this.#untold === 0) return this.#told
    return [...this.#told, { path: '', message: `and ${this.#untold.toLocaleString('en')} more` }]
  }
}
