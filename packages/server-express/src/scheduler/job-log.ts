import type { JobLogger, JobObserver } from './job.js'

/** Logs when a job starts to fail and when it recovers, but not every failure in between. */
export const jobLog = (logger: JobLogger): JobObserver => {
  const failures = new Map<string, number>()
  return {
    onRun({ job, error }) {
      const before = failures.get(job) ?? 0
      if (error !== undefined) {
        failures.set(job, before + 1)
        if (before === 0)
          logger.error({ job, err: error }, 'the job failed; it will be retried at its next scheduled time')
        else logger.debug({ job, err: error, failures: before + 1 }, 'the job failed again')
      } else if (before > 0) {
        failures.delete(job)
        logger.info({ job, failures: before }, 'the job recovered')
      }
    },
  }
}
