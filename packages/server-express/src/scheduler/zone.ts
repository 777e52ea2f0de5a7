const dayMs = 86_400_000

/**
 * A time zone. A local time is what a wall clock there shows, as milliseconds since 1970-01-01T00:00 on that
 * clock. When clocks go forward, some local times are skipped; when they go back, some occur twice. Assumes
 * that no zone changes its clocks twice within two days.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat

  /** An IANA name. @default the time zone of the machine */
  constructor(timeZone?: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The offset from UTC, in milliseconds. */
  offsetAt(instant: number): number {
    const part: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value)
    const { year = 0, month = 1, day, hour, minute, second } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
  }

  /** The instant of a clock change within this span, if any. */
  changeWithin(from: number, to: number): number | undefined {
    const before = this.offsetAt(from)
    if (this.offsetAt(to) === before) return undefined
    let [earlier, later] = [from, to]
    while (later - earlier > 1) {
      const middle = Math.floor((earlier + later) / 2)
      if (this.offsetAt(middle) === before) earlier = middle
      else later = middle
    }
    return later
  }

  /** The latest local time shown so far, even if clocks went back since. */
  latestLocalTime(instant: number): number {
    const local = instant + this.offsetAt(instant)
    const change = this.changeWithin(instant - dayMs, instant)
    return change === undefined ? local : Math.max(local, change - 1 + this.offsetAt(change - 1))
  }

  /** The first instant at which the local time reaches or skips this value. */
  firstAt(local: number): number {
    const [from, to] = [local - dayMs, local + dayMs]
    const early = local - this.offsetAt(from)
    const change = this.changeWithin(from, to)
    return change === undefined || early < change ? early : Math.max(change, local - this.offsetAt(to))
  }
}
