import { Job } from 'node-schedule'

export interface Timing {
  /** A cron expression of five fields, or six with seconds in front. */
  readonly rule: string
  /** IANA name; the machine's own zone where left out. */
  readonly timeZone?: string
}

/** Later than this, the machine slept or its clock was put forward. */
const lateMs = 1_000
const clockCheckMs = 1_000

const specOf = ({ rule, timeZone }: Timing) => ({ rule, ...(timeZone === undefined ? {} : { tz: timeZone }) })

/** Does the time ever come? */
export const isReadable = (timing: Timing): boolean => {
  const job = new Job(() => undefined)
  try {
    return job.schedule(specOf(timing)) && job.nextInvocation() !== null
  } finally {
    job.cancel()
  }
}

/** The difference between the wall clock and one that nobody can set. */
const clockOffset = (): number => Date.now() - performance.now()

/**
 * Calls back when it is time, by node-schedule. What node-schedule does not do: after the machine slept, or its clock was
 * put forward, the times that were missed come as one, not all of them at once; after the clock was put back, the next
 * time is worked out anew, instead of being waited for until the clock is there again.
 */
export class Timetable {
  readonly #jobs: { readonly job: Job; readonly timing: Timing }[] = []
  #offset = clockOffset()
  readonly #clockCheck = setInterval(() => this.#checkClock(), clockCheckMs).unref()

  /** `onTime` must not throw; should it do so, `onError` is told. */
  add(timing: Timing, onTime: () => void, onError: (error: unknown) => void): void {
    const job: Job = new Job((fireDate: Date) => {
      if (Date.now() - fireDate.getTime() > lateMs) job.reschedule(specOf(timing) as never)
      onTime()
    })
    // Without a listener, an error of a job would end the process.
    job.on('error', onError)
    if (!job.schedule(specOf(timing))) throw new TypeError(`cannot read the schedule ${timing.rule}`)
    this.#jobs.push({ job, timing })
  }

  stop(): void {
    clearInterval(this.#clockCheck)
    for (const { job } of this.#jobs.splice(0)) job.cancel()
  }

  #checkClock(): void {
    const offset = clockOffset()
    const wentBack = this.#offset - offset > lateMs
    this.#offset = offset
    if (wentBack) for (const { job, timing } of this.#jobs) job.reschedule(specOf(timing) as never)
  }
}
