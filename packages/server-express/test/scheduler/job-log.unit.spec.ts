import { expect, test } from 'vitest'
import { createLogger } from '../../src/observability/logger.js'
import { jobLog } from '../../src/scheduler/job-log.js'

test('logs a failing job once, and its recovery once', () => {
  const lines: Record<string, unknown>[] = []
  const log = jobLog(createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) }))
  const run = (job: string, error?: unknown) => log.onRun({ job, ms: 1, error })
  run('views')
  run('views', new Error('away'))
  run('views', new Error('away'))
  run('expiry')
  run('views')
  run('views')
  expect(lines).toMatchObject([
    { level: 'error', job: 'views', err: { message: 'away' } },
    { level: 'info', job: 'views', failures: 2 },
  ])
})
