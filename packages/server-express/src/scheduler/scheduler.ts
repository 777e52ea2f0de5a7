import type { Instant, Locks, RelayDeps, Retention, Shop } from '@shop/core'
import { settlesWithin } from '../util/settles-within.js'
import { Job, type JobDefinition, type JobLogger, type JobObserver } from './job.js'
import { jobLog } from './job-log.js'
import { defaultRetention, isRankingOutdated, type JobName, leaderJobs, relayJob, viewsJob } from './jobs.js'
import { Leadership } from './leadership.js'
import type { Timetable } from './timetable.js'

export interface SchedulerDeps {
  readonly shop: Shop<never>
  readonly locks: Locks
  /** Whether the fencing tokens of `locks` grow for as long as the shop's data lives. */
  readonly isFenced: boolean
  /** Without it, events stay in the outbox. */
  readonly relay?: RelayDeps | undefined
  readonly logger: JobLogger
  readonly observer: JobObserver
  readonly now: () => Instant
  /** `false` for a job that does not run here. @default all run */
  readonly enabled?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  readonly retention?: Partial<Retention> | undefined
  readonly leaseMs?: number | undefined
}

/** Time to record the results of aborted deliveries. */
const recordMs = 1_000

/** Runs the scheduled jobs of this server. */
export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #leadership: Leadership
  readonly #jobs = new Map<string, { readonly job: Job; readonly definition: JobDefinition }>()
  /** Aborts work that can be resumed later, and gives up leadership. */
  readonly #stopping = new AbortController()
  /** Aborts deliveries as well. */
  readonly #abortDeliveries = new AbortController()
  #isStarted = false
  #starting: Promise<void> = Promise.resolve()
  #timetable: Timetable | undefined

  constructor(deps: SchedulerDeps) {
    this.#deps = deps
    this.#leadership = new Leadership(deps)
    const { shop, relay } = deps
    const seekLeadership: JobDefinition = {
      name: 'leadership',
      timing: { rule: '*/5 * * * * *' },
      run: (signal) => this.#leadership.seek(signal, () => void this.#onElected()),
    }
    const retention = { ...defaultRetention, ...deps.retention }
    const isEnabled = ({ name }: JobDefinition) => deps.enabled?.[name as JobName] !== false
    const led = leaderJobs(shop, this.#leadership, retention).filter(isEnabled)
    for (const definition of [...led, ...[viewsJob(shop)].filter(isEnabled)]) {
      this.#add(definition, this.#stopping.signal)
    }
    // A leader without a job would keep the others from running theirs.
    if (led.length > 0) this.#add(seekLeadership, this.#stopping.signal)
    if (relay && deps.enabled?.relay !== false) this.#add(relayJob(relay), this.#abortDeliveries.signal)
  }

  get isLeader(): boolean {
    return this.#leadership.isLeader
  }

  /** Starts the jobs. Resolves once their schedules are active. */
  start(): Promise<void> {
    this.#isStarted = true
    this.run('leadership')
    this.run('relay')
    this.#starting = this.#schedule()
    return this.#starting
  }

  async #schedule(): Promise<void> {
    const { Timetable } = await import('./timetable.js')
    if (this.#stopping.signal.aborted) return
    this.#timetable = new Timetable()
    for (const { job, definition } of this.#jobs.values()) {
      this.#timetable.add(
        definition.timing,
        () => job.tick(),
        (error) => this.#deps.logger.error({ err: error, job: definition.name }, 'the schedule failed'),
      )
    }
  }

  /** Runs a job outside its schedule, if this server has it: now, or after its current run. */
  run(name: string): void {
    if (this.#isStarted) this.#jobs.get(name)?.job.wake()
  }

  /** Stops all jobs except the relay. Resolves when a start in progress and their runs have ended, or after `ms`. */
  async quiesce(ms: number): Promise<void> {
    this.#timetable?.stop()
    this.#stopping.abort()
    await settlesWithin(
      ms,
      this.#idle(([name]) => name !== 'relay'),
    )
  }

  /** Stops everything. Deliveries in flight get `graceMs` to finish. */
  async stop({ graceMs = 0 }: { graceMs?: number } = {}): Promise<void> {
    this.#timetable?.stop()
    this.#stopping.abort()
    await settlesWithin(graceMs, this.#idle())
    this.#abortDeliveries.abort()
    await settlesWithin(recordMs, this.#idle())
  }

  async #idle(which: (entry: readonly [string, unknown]) => boolean = () => true): Promise<void> {
    const runs = [...this.#jobs].filter(which).map(([, { job }]) => job.idle())
    // A start that is still loading modules outlives the server otherwise.
    await Promise.allSettled([this.#starting, ...runs])
  }

  #add(definition: JobDefinition, signal: AbortSignal): void {
    const log = jobLog(this.#deps.logger)
    const observer: JobObserver = {
      onRun: (run) => {
        log.onRun(run)
        this.#deps.observer.onRun(run)
      },
    }
    this.#jobs.set(definition.name, { definition, job: new Job(definition, { observer, signal }) })
  }

  async #onElected(): Promise<void> {
    const { shop, logger, now } = this.#deps
    logger.info({}, 'this process is now the leader and runs the scheduled jobs')
    try {
      // A server with another time zone may have recorded sales meanwhile.
      await shop.upkeep.ensureSales()
      if (await isRankingOutdated(shop, now())) this.run('ranking')
    } catch (error) {
      logger.warn({ err: error }, 'could not refresh the ranking after the election')
    }
  }
}
