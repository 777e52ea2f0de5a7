import type { PartResult } from '../results.js'
import type { Settings } from '../settings.js'
import type { Seeds } from '../stage/seed.js'

export interface Bench {
  readonly settings: Settings
  readonly seeds: Seeds
  /** Shows the current activity. */
  show(line: string): void
}

/** A part of the benchmark that can run alone. */
export interface Part {
  readonly name: string
  readonly about: string
  run(bench: Bench): Promise<PartResult>
}
