import type { ImportProgress } from '@shop/core'
import { ProgressDisplay, type ProgressOutput } from './progress-display.js'

/** Shows how far an import is. */
export class ImportDisplay {
  readonly #display: ProgressDisplay
  readonly #bytes: number | undefined
  readonly #now: () => number
  readonly #startedAt: number
  #bytesRead = 0

  /** `bytes`: the length of the input, if it is known. */
  constructor(output: ProgressOutput, bytes: number | undefined, now = () => performance.now()) {
    this.#display = new ProgressDisplay(output, now)
    this.#bytes = bytes
    this.#now = now
    this.#startedAt = now()
  }

  /** Counts bytes of the input. */
  read(bytes: number): void {
    this.#bytesRead += bytes
  }

  show({ lines, imported, skipped, bad }: ImportProgress): void {
    this.#display.show(this.#share, () => {
      const perSecond = Math.round((lines / (this.#now() - this.#startedAt)) * 1_000)
      return `line ${lines}: imported ${imported}, skipped ${skipped}, bad ${bad}, ${perSecond} lines/s`
    })
  }

  print(line: string): void {
    this.#display.print(line)
  }

  /** Removes the bar. */
  end(): void {
    this.#display.end()
  }

  get #share(): number | undefined {
    return this.#bytes === undefined || this.#bytes === 0 ? undefined : Math.min(1, this.#bytesRead / this.#bytes)
  }
}
