import { Job } from 'node-schedule'
import { isValidTiming, occurrencesOf, type Timing } from './occurrences.js'

/** A larger step backwards means that the clock was set back. */
const jumpMs = 1_000
const clockCheckMs = 1_000

/** The offset between the wall clock and the monotonic clock. */
const clockOffset = (): number => Date.now() - performance.now()

/**
 * Calls back at scheduled times. Plans one time after another, because node-schedule by itself:
 * - runs every time that was missed while the machine slept,
 * - keeps waiting for a time after the clock was set back,
 * - skips a day whose scheduled time does not exist because of a clock change.
 */
export class Timetable {
  readonly #jobs: { readonly job: Job; readonly plan: () => void }[] = []
  #offset = clockOffset()
  readonly #clockCheck = setInterval(() => this.#checkClock(), clockCheckMs).unref()

  /** `onTime` must not throw. If it does, `onError` is called. */
  add(timing: Timing, onTime: () => void, onError: (error: unknown) => void): void {
    if (!isValidTiming(timing)) throw new TypeError(`invalid schedule: ${timing.rule}`)
    const nextAfter = occurrencesOf(timing)
    const plan = () => {
      const next = nextAfter(Date.now())
      if (next !== undefined) job.schedule(new Date(next))
    }
    const job: Job = new Job(() => {
      plan()
      onTime()
    })
    // Without a listener, an error event would end the process.
    job.on('error', onError)
    plan()
    this.#jobs.push({ job, plan })
  }

  stop(): void {
    clearInterval(this.#clockCheck)
    for (const { job } of this.#jobs.splice(0)) job.cancel()
  }

  #checkClock(): void {
    const offset = clockOffset()
    const wentBack = this.#offset - offset > jumpMs
    this.#offset = offset
    if (!wentBack) return
    for (const { job, plan } of this.#jobs) {
      job.cancel()
      plan()
    }
  }
}
