import type { EventEmitter } from 'node:events'
import type { ExecutorObserver } from '@shop/core'
import type { Metrics } from '../observability/metrics.js'
import type { ServerObserver } from '../options.js'
import type { JobObserver } from '../scheduler/job.js'

/** The server's own metrics and the commits first; core ignores what the host's observer throws after them. */
export const executorObserver = (
  metrics: Metrics,
  commits: EventEmitter,
  host: ServerObserver = {},
): ExecutorObserver => ({
  ...(host.onCommand && { onCommand: (call) => host.onCommand?.(call) }),
  onGroup(group) {
    metrics.onGroup(group)
    commits.emit('group', group)
    if (group.hasEvents) commits.emit('events')
    host.onGroup?.(group)
  },
  onRetry(retry) {
    metrics.onRetry(retry)
    host.onRetry?.(retry)
  },
})

export const jobObserver = (metrics: Metrics, host: ServerObserver = {}): JobObserver => ({
  onRun(run) {
    metrics.onRun(run)
    try {
      host.onJob?.(run)
    } catch {}
  },
})
