import type { WriteStream } from 'node:tty'

export type ProgressOutput = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }

const barWidth = 24
const barEveryMs = 100
const lineEveryMs = 5_000
const eraseLine = '\r\u001b[K'

/**
 * Shows how far a task is: a bar on a terminal, otherwise a line every five seconds. Other lines are printed above
 * the bar.
 */
export class ProgressDisplay {
  readonly #output: ProgressOutput
  readonly #now: () => number
  #shownAt: number
  #hasBar = false

  constructor(output: ProgressOutput, now = () => performance.now()) {
    this.#output = output
    this.#now = now
    this.#shownAt = now()
  }

  /** `share`: what part is done, from 0 to 1; undefined if it is not known. `text` is asked for only if shown. */
  show(share: number | undefined, text: () => string): void {
    const isTerminal = this.#output.isTTY === true
    const now = this.#now()
    if (now - this.#shownAt < (isTerminal ? barEveryMs : lineEveryMs)) return
    this.#shownAt = now
    const percent = share === undefined ? '' : `${Math.floor(share * 100)} %, `
    this.#output.write(
      isTerminal ? `${eraseLine}${share === undefined ? '' : bar(share)}${percent}${text()}` : `${percent}${text()}\n`,
    )
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
}

const bar = (share: number): string => {
  const full = Math.round(share * barWidth)
  return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] `
}
