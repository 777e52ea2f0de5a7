export { type DataPlatform, httpSender } from '../data-platform/http-sender.js'
export type { JobLogger, JobObserver } from '../scheduler/job.js'
export type { JobName } from '../scheduler/jobs.js'
export { type Jobs, type JobsOptions, startJobs } from '../scheduler/start-jobs.js'
