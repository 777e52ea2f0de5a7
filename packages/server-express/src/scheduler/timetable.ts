import { Job } from 'node-schedule'
import { isReadable, occurrencesOf, type Timing } from './occurrences.js'

/** More than this, the clock was put back. */
const jumpMs = 1_000
const clockCheckMs = 1_000

/** The difference between the wall clock and one that nobody can set. */
const clockOffset = (): number => Date.now() - performance.now()

/**
 * Calls back when it is time, by node-schedule, which is told one time after the other: left alone, it makes up for
 * every time that was missed while the machine slept, waits for its next time though the clock was put back, and leaves
 * out a day whose time does not exist because clocks are put forward.
 */
export class Timetable {
  readonly #jobs: { readonly job: Job; readonly plan: () => void }[] = []
  #offset = clockOffset()
  readonly #clockCheck = setInterval(() => this.#checkClock(), clockCheckMs).unref()

  /** `onTime` must not throw; should it do so, `onError` is told. */
  add(timing: Timing, onTime: () => void, onError: (error: unknown) => void): void {
    if (!isReadable(timing)) throw new TypeError(`cannot read the schedule ${timing.rule}`)
    const nextAfter = occurrencesOf(timing)
    const plan = () => {
      const next = nextAfter(Date.now())
      if (next !== undefined) job.schedule(new Date(next))
    }
    const job: Job = new Job(() => {
      plan()
      onTime()
    })
    // Without a listener, an error of a job would end the process.
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
