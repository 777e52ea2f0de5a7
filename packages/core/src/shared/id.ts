/** Makes ids. Given to deciders as an argument, so that a test can say which ids come out. */
export type NewId = () => string

/** What an id looks like; also for schemas. */
export const idPattern = /^[A-Za-z0-9_.:-]{1,64}$/

/** An id is 1–64 characters of `A-Za-z0-9_.:-`; what they mean is the business of whoever made it. */
export const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value)

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * UUID version 7: ordered by the time it was made and, within one process, by the order of the calls.
 * The order only keeps index pages together; nothing decides by it.
 */
export const timeOrderedIds = (random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes)): NewId => {
  const pool = new Uint8Array(4096)
  let used = pool.length
  let lastMs = 0
  let counter = 0
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
    } else if (++counter > 0xfff) {
      lastMs += 1
      counter = 0
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const sequence = (0x7000 | counter).toString(16)
    const variant = hex[0x80 | (at(0) & 0x3f)]
    const tail = `${hex[at(1)]}-${hex[at(2)]}${hex[at(3)]}${hex[at(4)]}${hex[at(5)]}${hex[at(6)]}${hex[at(7)]}`
    used += 8
    return `${time.slice(0, 8)}-${time.slice(8)}-${sequence}-${variant}${tail}`
  }
}
