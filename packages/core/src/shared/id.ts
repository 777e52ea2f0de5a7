/** Makes ids. Deciders receive it as an argument, so that a test can determine the ids. */
export type NewId = () => string

/** The pattern of an id; schemas use it, too. URLs treat `.` and `..` as folders, so no path could contain them. */
export const idPattern = /^(?!\.{1,2}$)[A-Za-z0-9_.:-]{1,64}$/

/** The reason for any other value. */
export const idRule = 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : -, and neither . nor ..'

/** An id is 1–64 characters of `A-Za-z0-9_.:-`, but not `.` or `..`. It has no other meaning. */
export const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value)

const digits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const hyphen = '-'.charCodeAt(0)

/**
 * UUID version 7: ordered by creation time and, within one process, by the order of the calls.
 * The order only keeps index pages together; correctness does not depend on it.
 */
export const timeOrderedIds = (random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes)): NewId => {
  const pool = new Uint8Array(4096)
  let used = pool.length
  let lastMs = 0
  let counter = 0
  // One `String.fromCharCode` call takes a third of the time of twenty concatenations.
  const characters = new Array<number>(36).fill(hyphen)
  const write = (from: number, text: string): void => {
    for (let index = 0; index < text.length; index += 1) characters[from + index] = text.charCodeAt(index)
  }
  const writeByte = (from: number, byte: number): void => {
    characters[from] = digits[byte >> 4] as number
    characters[from + 1] = digits[byte & 0x0f] as number
  }
  const writeTime = (): void => {
    const time = lastMs.toString(16).padStart(12, '0')
    write(0, time.slice(0, 8))
    write(9, time.slice(8))
  }
  return () => {
    if (used + 8 > pool.length) {
      random(pool)
      used = 0
    }
    const at = (index: number) => pool[used + index] as number
    const now = Date.now()
    if (now > lastMs) {
      lastMs = now
      counter = ((at(6) & 0x07) << 8) | at(7)
      writeTime()
    } else if (++counter > 0xfff) {
      lastMs += 1
      counter = 0
      writeTime()
    }
    writeByte(14, 0x70 | (counter >> 8))
    writeByte(16, counter & 0xff)
    writeByte(19, 0x80 | (at(0) & 0x3f))
    writeByte(21, at(1))
    for (let index = 2; index < 8; index += 1) writeByte(20 + 2 * index, at(index))
    used += 8
    return String.fromCharCode.apply(null, characters)
  }
}
