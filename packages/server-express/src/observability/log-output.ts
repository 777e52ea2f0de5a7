import type { Writable } from 'node:stream'

const maxUnreadBytes = 1_048_576

const droppedLinesRecord = (lines: number): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lines, msg: 'log lines were dropped: the reader of the log stalled' })}\n`

/**
 * Writes log lines without waiting for their reader. If the reader stalls, up to 1 MB is buffered and further
 * lines are dropped. Once it resumes, one line reports how many were dropped. A closed reader causes no error.
 */
export class LogOutput {
  readonly #stream: Writable
  #dropped = 0

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('error', () => undefined)
  }

  write(line: string): void {
    const { writableLength } = this.#stream
    if (writableLength > (this.#dropped > 0 ? 0 : maxUnreadBytes)) {
      this.#dropped += 1
      return
    }
    if (this.#dropped > 0) this.#stream.write(droppedLinesRecord(this.#dropped))
    this.#dropped = 0
    this.#stream.write(line)
  }

  /** Resolves once everything so far is written, or has failed. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve())
    })
  }
}
