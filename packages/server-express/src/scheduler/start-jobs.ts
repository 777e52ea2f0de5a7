import {
  type EventSender,
  inProcessLocks,
  type Locks,
  type RelayOptions,
  type Retention,
  type Shop,
  type Store,
  timeOrderedIds,
} from '@shop/core'
import { pino } from 'pino'
import type { JobLogger, JobObserver } from './job.js'
import type { JobName } from './jobs.js'
import { Scheduler } from './scheduler.js'

export interface JobsOptions {
  /** The store of the shop: its outbox is relayed. */
  readonly store: Pick<Store<never>, 'outbox'>
  /**
   * Elect the process that runs the jobs which must run once: `knexLocks(knex)` or `redisLocks(…)`. @default locks of this
   * process, for a shop with one process
   */
  readonly locks?: Locks | undefined
  /** Delivers events. @default none: events wait in the outbox */
  readonly sender?: EventSender | undefined
  /** Batch, lease, attempts and pauses of the relay. */
  readonly relay?: Partial<RelayOptions> | undefined
  /**
   * `false` for jobs that another process runs. A process without `expiry`, `ranking` and `purge` never leads. To turn
   * off only one of these, do so in every process. @default all run
   */
  readonly jobs?: Readonly<Partial<Record<JobName, boolean>>> | undefined
  /** How long records are kept. @default outcomes 25 hours, sent events 7 days, groups 1 hour */
  readonly retention?: Partial<Retention> | undefined
  /** @default silent */
  readonly logger?: JobLogger | undefined
  /** Called after each run of a job. Errors of the observer are ignored. */
  readonly observer?: JobObserver | undefined
  /** How long a leader leads without renewing, in milliseconds: so long nothing runs after a leader was killed. @default 15_000 */
  readonly leaseMs?: number | undefined
}

export interface Jobs {
  /** True while this process runs the jobs that must run once. */
  readonly isLeader: boolean
  /** Runs a job now, or as soon as its present run ends. */
  run(name: JobName): void
  /** Begins no further run, and resolves when runs under way have ended; deliveries are aborted after `graceMs`. @default 5_000 */
  stop(options?: { readonly graceMs?: number }): Promise<void>
}

const newId = timeOrderedIds()

/**
 * Runs the scheduled jobs of a shop in a process of its own, or in a server that is not this package's: orders expire, the
 * ranking is computed, counted views are written, events are sent, old records are removed. Any number of processes may
 * call it on the same data; one of them leads. A job that throws is logged and runs again when its time comes.
 * @example
 * const jobs = startJobs(shop, { store, locks: knexLocks(knex), sender })
 * process.once('SIGTERM', () => jobs.stop())
 */
export const startJobs = (shop: Shop<never>, options: JobsOptions): Jobs => {
  const { store, locks, sender, relay, jobs, retention, observer, leaseMs } = options
  const scheduler = new Scheduler({
    shop,
    locks: locks ?? inProcessLocks(),
    // Tokens of this process begin again with it: a fence would refuse them.
    isFenced: locks !== undefined,
    relay: sender && { store: store.outbox, sender, newId, random: Math.random, ...(relay && { options: relay }) },
    logger: options.logger ?? pino({ level: 'silent' }),
    observer: { onRun: (run) => observer?.onRun(run) },
    now: Date.now,
    enabled: jobs,
    retention,
    leaseMs,
  })
  void scheduler.start()
  return {
    get isLeader() {
      return scheduler.isLeader
    },
    run: (name) => scheduler.run(name),
    async stop({ graceMs = 5_000 } = {}) {
      await scheduler.quiesce(graceMs)
      await scheduler.stop({ graceMs })
    },
  }
}
