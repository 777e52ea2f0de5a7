import type { WriteStream } from 'node:tty'
import type { ImportProgress } from '@shop/core'

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }

const barWidth = 24
const barEveryMs = 100
const lineEveryMs = 5_000
const eraseLine = '\r\u001b[K'

/**
 * Shows how far an import is: a bar on a terminal, otherwise a line every five seconds. Other lines are printed above the bar.
 */
export class ImportDisplay {
  readonly #output: Output
  readonly #bytes: number | undefined
  readonly #now: () => number
  readonly #startedAt: number
  #shownAt: number
  #bytesRead = 0
  #hasBar = false

  /** `bytes`: the length of the input, if it is known. */
  constructor(output: Output, bytes: number | undefined, now = () => performance.now()) {
    this.#output = output
    this.#bytes = bytes
    this.#now = now
    this.#startedAt = now()
    this.#shownAt = this.#startedAt
  }

  /** Counts bytes of the input. */
  read(bytes: number): void {
    this.#bytesRead += bytes
  }

  show(progress: ImportProgress): void {
    const isTerminal = this.#output.isTTY === true
    const now = this.#now()
    if (now - this.#shownAt < (isTerminal ? barEveryMs : lineEveryMs)) return
    this.#shownAt = now
    const { lines, imported, skipped, bad } = progress
    const perSecond = Math.round((lines / (now - this.#startedAt)) * 1_000)
    const text = `line ${lines}: imported ${imported}, skipped ${skipped}, bad ${bad}, ${perSecond} lines/s`
    this.#output.write(isTerminal ? `${eraseLine}${this.#bar()}${text}` : `${this.#percent()}${text}\n`)
    this.#hasBar = isTerminal
  }

  print(line: string): void {
    this.end()
    this.#output.write(`${line}\n`)
  }

  /** Removes the bar. */
  end(): void {
    if (this.#hasBar) this.#output.write(eraseLine)
    this.#hasBar = false
  }

  get #share(): number | undefined {
    return this.#bytes === undefined || this.#bytes === 0 ? undefined : Math.min(1, this.#bytesRead / this.#bytes)
  }

  #percent(): string {
    return this.#share === undefined ? '' : `${Math.floor(this.#share * 100)} %, `
  }

  #bar(): string {
    if (this.#share === undefined) return ''
    const full = Math.round(this.#share * barWidth)
    return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${this.#percent()}`
  }
}
