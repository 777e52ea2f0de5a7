import type { PartResult } from '../results.js'
import type { Settings } from '../settings.js'
import type { Seeds } from '../stage/seed.js'

export interface Bench {
  readonly settings: Settings
  readonly seeds: Seeds
  /** Shows what is being done. */
  show(line: string): void
}

/** A piece of the benchmark that can be run alone. */
export interface Part {
  readonly name: string
  readonly about: string
  run(bench: Bench): Promise<PartResult>
}
