/** A line of an import: text, or a value that is parsed already. Bytes are parts of a file, split anywhere. */
export type ImportLine = string | Uint8Array | object

/** Lines to import. */
export type ImportLines = Iterable<ImportLine> | AsyncIterable<ImportLine>

/** A line with its number, counted from 1. `problem` says why it cannot be read. */
export type NumberedLine = { readonly line: number } & (
  | { readonly text: string }
  | { readonly value: object }
  | { readonly problem: string }
)

/** The longest line, in bytes of UTF-8. */
export const maxLineBytes = 1_048_576

const tooLong = `is longer than ${maxLineBytes} bytes`

const isTooLong = (text: string): boolean =>
  text.length > maxLineBytes || (3 * text.length > maxLineBytes && new TextEncoder().encode(text).length > maxLineBytes)

const lineBreak = 10

/** Joins the bytes of one line. It keeps no more than the longest line, however long the line is. */
class LineBytes {
  #parts: Uint8Array[] = []
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  add(part: Uint8Array): void {
    this.#length += part.length
    if (this.#length > maxLineBytes) this.#parts = []
    // A copy: the reader of a file may use its buffer again.
    else if (part.length > 0) this.#parts.push(part.slice())
  }

  take(): Uint8Array | 'too-long' {
    const [parts, length] = [this.#parts, this.#length]
    this.#parts = []
    this.#length = 0
    if (length > maxLineBytes) return 'too-long'
    const joined = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}

/**
 * Numbers the lines of an import, in arrays as they arrive. Bytes are split at line breaks. Empty lines have a number, and are
 * left out.
 */
export async function* readLines(lines: ImportLines): AsyncGenerator<readonly NumberedLine[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const rest = new LineBytes()
  let line = 0
  let found: NumberedLine[] = []

  const addText = (text: string): void => {
    if (text.trim() !== '') found.push({ line, text })
  }
  const addProblem = (problem: string): void => {
    found.push({ line, problem })
  }
  const decoded = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes)
    } catch {
      return undefined
    }
  }
  const addBytes = (bytes: Uint8Array | 'too-long'): void => {
    line += 1
    if (bytes === 'too-long' || bytes.length > maxLineBytes) {
      addProblem(tooLong)
      return
    }
    const text = decoded(bytes)
    if (text === undefined) addProblem('is not UTF-8')
    else addText(text)
  }
  const split = (chunk: Uint8Array): void => {
    let from = 0
    for (let at = chunk.indexOf(lineBreak); at >= 0; at = chunk.indexOf(lineBreak, from)) {
      if (rest.isEmpty) addBytes(chunk.subarray(from, at))
      else {
        rest.add(chunk.subarray(from, at))
        addBytes(rest.take())
      }
      from = at + 1
    }
    rest.add(chunk.subarray(from))
  }

  for await (const item of lines) {
    if (item instanceof Uint8Array) split(item)
    else {
      if (!rest.isEmpty) addBytes(rest.take())
      line += 1
      if (typeof item !== 'string') found.push({ line, value: item })
      else if (isTooLong(item)) addProblem(tooLong)
      else addText(item)
    }
    if (found.length === 0) continue
    yield found
    found = []
  }
  if (!rest.isEmpty) addBytes(rest.take())
  if (found.length > 0) yield found
}
