import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../client.js'

/** What is there when every client knows how its requests came out. */
export interface Verdict {
  /** What is not as the answers say. */
  readonly faults: readonly string[]
  /** How many events the answers call for. */
  readonly events: number
}

export interface Operation {
  /** Begin at the same time; each resolves when its client has definite answers. */
  readonly callers: readonly (() => Promise<unknown>)[]
  check(): Promise<Verdict>
}

export interface Scenario {
  readonly name: string
  /** Laid over the standard preset. */
  readonly policies: { readonly [group: string]: object }
  /** Makes what the operation needs, under names that begin with `run`. */
  prepare(client: Client, run: string): Promise<Operation>
}

/** Products can be read without a trace: views would be written while later operations run. */
export const quiet = { catalog: { countViews: 'never' } }

/** Collects what is not as it should be. */
export class Faults {
  readonly list: string[] = []

  same(what: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) {
      this.list.push(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
    }
  }
}

export const numbered = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))
