const dayMs = 86_400_000

/**
 * A time zone. A *reading* is what a clock on the wall shows there, as if it were UTC: in milliseconds since
 * 1970-01-01T00:00 on that clock. Where clocks are put forward, some readings never come; where they are put back, some
 * come twice. No zone changes its clocks twice within two days.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat

  /** An IANA name. @default the machine's own zone */
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

  /** How far the clocks are ahead of UTC. */
  offsetAt(instant: number): number {
    const part: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value)
    const { year = 0, month = 1, day, hour, minute, second } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
  }

  /** When the clocks change within this span, or nothing. */
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

  /** The highest reading so far, even if clocks were put back since. */
  highestReading(instant: number): number {
    const reading = instant + this.offsetAt(instant)
    const change = this.changeWithin(instant - dayMs, instant)
    return change === undefined ? reading : Math.max(reading, change - 1 + this.offsetAt(change - 1))
  }

  /** The first moment at which the clocks show that reading, or have passed over it. */
  firstAt(reading: number): number {
    const [from, to] = [reading - dayMs, reading + dayMs]
    const early = reading - this.offsetAt(from)
    const change = this.changeWithin(from, to)
    return change === undefined || early < change ? early : Math.max(change, reading - this.offsetAt(to))
  }
}
