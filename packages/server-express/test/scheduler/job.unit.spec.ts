import { describe, expect, test } from 'vitest'
import { Job } from '../../src/scheduler/job.js'
import { type Gate, gate } from '../support/gate.js'

const timing = { rule: '* * * * * *' }

const setUp = ({ concurrency = 1, work }: { concurrency?: number; work?: () => Promise<void> } = {}) => {
  const runs: Gate[] = []
  const told: { job: string; error?: unknown }[] = []
  const stop = new AbortController()
  const run = () => {
    const each = gate()
    runs.push(each)
    return work?.() ?? each.opened
  }
  const observer = { onRun: ({ job, error }: { job: string; error?: unknown }) => void told.push({ job, error }) }
  const job = new Job({ name: 'sweep', timing, concurrency, run }, { observer, signal: stop.signal })
  return { job, runs, told, stop }
}

describe('a run that is longer than its interval', () => {
  test('is not overlapped by a second one', async () => {
    const { job, runs } = setUp()
    job.tick()
    job.tick()
    job.tick()
    expect(runs).toHaveLength(1)
    runs[0]?.open()
    await job.idle()
    expect(runs).toHaveLength(1)
    job.tick()
    expect(runs).toHaveLength(2)
  })

  test('is overlapped up to the concurrency of the job', () => {
    const { job, runs } = setUp({ concurrency: 2 })
    for (let n = 0; n < 4; n += 1) job.tick()
    expect(runs).toHaveLength(2)
  })
})

describe('waking a job', () => {
  test('during a run starts exactly one more run after it', async () => {
    const { job, runs } = setUp()
    job.tick()
    job.wake()
    job.wake()
    runs[0]?.open()
    await expect.poll(() => runs.length).toBe(2)
    runs[1]?.open()
    await job.idle()
    expect(runs).toHaveLength(2)
  })

  test('between runs starts a run immediately', () => {
    const { job, runs } = setUp()
    job.wake()
    expect(runs).toHaveLength(1)
  })
})

test('an error is reported to the observer, and later runs start', async () => {
  const broken = new Error('broken')
  const { job, runs, told } = setUp({ work: () => Promise.reject(broken) })
  job.tick()
  await job.idle()
  job.tick()
  await job.idle()
  expect(runs).toHaveLength(2)
  expect(told).toEqual([
    { job: 'sweep', error: broken },
    { job: 'sweep', error: broken },
  ])
})

test('a synchronous error is reported to the observer', async () => {
  const { job, told } = setUp({
    work: () => {
      throw new Error('at once')
    },
  })
  job.tick()
  await job.idle()
  expect(told).toHaveLength(1)
})

test('no run starts after the abort', async () => {
  const { job, runs, stop } = setUp()
  job.tick()
  job.wake()
  stop.abort()
  runs[0]?.open()
  await job.idle()
  job.tick()
  job.wake()
  expect(runs).toHaveLength(1)
})
