import type { RushMode, RushRun, RushSample } from './rush.js'

/** The result of one buyer's attempt. */
export type BuyerOutcome = 'won' | 'refused' | 'unavailable'

const firstSampleMs = 50
const maxSamples = 240

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits

/** The percentile by nearest rank. 0 if there are no values. */
const percentile = (sorted: Float64Array, part: number): number =>
  round(sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0)

/** Measures one run. */
export class Meter {
  readonly #mode: RushMode
  readonly #subjectId: string
  readonly #quantity: number
  readonly #now: () => number
  readonly #outcomes = { won: 0, refused: 0, unavailable: 0 }
  readonly #latencies: number[] = []
  readonly #samples: RushSample[] = []
  readonly #wonByServer: number[]
  readonly #groups = { count: 0, commands: 0, largest: 0 }
  #began: number | undefined
  #ended: number | undefined
  #timer: NodeJS.Timeout | undefined
  #sampleMs = firstSampleMs
  #sold: number | null = null
  #connections = 0

  constructor(mode: RushMode, subjectId: string, quantity: number, now: () => number = () => performance.now()) {
    this.#mode = mode
    this.#subjectId = subjectId
    this.#quantity = quantity
    this.#now = now
    this.#wonByServer = mode === 'two-servers' ? [0, 0] : [0]
  }

  /** The number of servers that buyers are sent to. */
  get servers(): number {
    return this.#wonByServer.length
  }

  begin(): void {
    this.#began = this.#now()
    this.#timer = setInterval(() => this.#sampleIfDue(), firstSampleMs)
    this.#timer.unref()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#ended = this.#now()
    // The last interval is too short to be measured by itself, so merge it into the previous one.
    this.#samples.pop()
    this.#sample()
  }

  /** `server`: index of the server that responded. */
  onOutcome(outcome: BuyerOutcome, ms: number, server = 0): void {
    this.#outcomes[outcome] += 1
    if (outcome === 'won') this.#wonByServer[server] = (this.#wonByServer[server] ?? 0) + 1
    this.#latencies.push(ms)
    // On a busy event loop, timers fire late, so sample here as well.
    this.#sampleIfDue()
  }

  onGroup({ size }: { readonly size: number }): void {
    if (this.#began === undefined || this.#ended !== undefined) return
    this.#groups.count += 1
    this.#groups.commands += size
    this.#groups.largest = Math.max(this.#groups.largest, size)
  }

  onConnections(count: number): void {
    this.#connections = count
  }

  /** `sold`: what the store holds after the run. */
  onCounted(sold: number): void {
    this.#sold = sold
  }

  view(): RushRun {
    const elapsedMs = this.#elapsed()
    const answered = this.#latencies.length
    const sorted = Float64Array.from(this.#latencies).sort()
    const { count, commands, largest } = this.#groups
    return {
      mode: this.#mode,
      state: this.#began === undefined ? 'waiting' : this.#ended === undefined ? 'running' : 'done',
      subjectId: this.#subjectId,
      elapsedMs: Math.round(elapsedMs),
      answered,
      ...this.#outcomes,
      remaining: this.#remaining(),
      sold: this.#sold,
      wonByServer: [...this.#wonByServer],
      connections: this.#connections,
      answersPerSecond: elapsedMs === 0 ? 0 : Math.round((answered * 1_000) / elapsedMs),
      latencyMs: {
        p50: percentile(sorted, 0.5),
        p95: percentile(sorted, 0.95),
        p99: percentile(sorted, 0.99),
        max: percentile(sorted, 1),
      },
      groups: { count, meanSize: count === 0 ? 0 : round(commands / count), largest },
      samples: [...this.#samples],
    }
  }

  #elapsed(): number {
    return this.#began === undefined ? 0 : (this.#ended ?? this.#now()) - this.#began
  }

  #remaining(): number {
    return this.#quantity - this.#outcomes.won
  }

  #sampleIfDue(): void {
    if (this.#elapsed() - (this.#samples.at(-1)?.atMs ?? 0) < this.#sampleMs) return
    this.#sample()
    if (this.#samples.length >= maxSamples) this.#thinOut()
  }

  /** Keeps the number of samples bounded: a long run gets longer intervals instead. */
  #thinOut(): void {
    const every2nd = this.#samples.filter((_, index) => index % 2 === 1)
    this.#samples.length = 0
    for (const { atMs, answered, remaining } of every2nd) this.#push(atMs, answered, remaining)
    this.#sampleMs *= 2
  }

  #sample(): void {
    this.#push(Math.round(this.#elapsed()), this.#latencies.length, this.#remaining())
  }

  #push(atMs: number, answered: number, remaining: number): void {
    const last = this.#samples.at(-1) ?? { atMs: 0, answered: 0 }
    const ms = atMs - last.atMs
    if (ms <= 0) return
    const answersPerSecond = Math.round(((answered - last.answered) * 1_000) / ms)
    this.#samples.push({ atMs, answered, remaining, answersPerSecond })
  }
}
