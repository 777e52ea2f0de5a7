import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../client.js'
import type { Program } from '../test-system.js'

/** The state once every client knows the result of its requests. */
export interface ScenarioCheck {
  /** Differences between the state and the responses. */
  readonly mismatches: readonly string[]
  /** Number of events that the responses imply. */
  readonly events: number
}

export interface PreparedScenario {
  /** Run concurrently. Each resolves when its client has definite responses. */
  readonly callers: readonly (() => Promise<unknown>)[]
  check(): Promise<ScenarioCheck>
}

export interface Scenario {
  readonly name: string
  /** Overrides of the standard preset. */
  readonly policies: { readonly [group: string]: object }
  /** What serves the shop. @default 'server' */
  readonly program?: Program
  /** Creates the data of the operation, with ids that begin with `run`. */
  prepare(client: Client, run: string): Promise<PreparedScenario>
}

/** Reads products without counting views: they would be written during later operations. */
export const quiet = { catalog: { countViews: 'never' } }

/** Collects violations. */
export class Mismatches {
  readonly list: string[] = []

  same(what: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) {
      this.list.push(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
    }
  }
}

export const numbered = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))
