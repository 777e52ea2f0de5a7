import type { Writable } from 'node:stream'

const maxUnreadBytes = 1_048_576

const lossOf = (lines: number): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lines, msg: 'lines of the log were lost: its reader stalled' })}\n`

/**
 * Writes the lines of the log without waiting for their reader. While a reader stalls, up to 1 MB waits for it;
 * further lines are lost, and once it reads on, a line says how many. A reader that is gone stops nothing.
 */
export class LogOutput {
  readonly #stream: Writable
  #lost = 0

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('error', () => undefined)
  }

  write(line: string): void {
    const { writableLength } = this.#stream
    if (writableLength > (this.#lost > 0 ? 0 : maxUnreadBytes)) {
      this.#lost += 1
      return
    }
    if (this.#lost > 0) this.#stream.write(lossOf(this.#lost))
    this.#lost = 0
    this.#stream.write(line)
  }

  /** Resolves once everything so far is written, or cannot be. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve())
    })
  }
}
