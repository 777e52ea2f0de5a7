import { afterEach, describe, expect, test, vi } from 'vitest'
import { Metrics, type MetricsSources } from '../../src/observability/metrics.js'
import { OutboxGauge } from '../../src/observability/outbox-gauge.js'
import { gate } from '../support/gate.js'

const counts = { pending: 3, sent: 5, dead: 1, oldestPendingAt: 60_000 }

const sources: MetricsSources = {
  eventCounts: async () => counts,
  waiting: () => 7,
  liveStreams: () => 4,
  isLeader: () => true,
  pool: () => ({ used: 2, free: 3, pending: 4 }),
  now: () => 90_000,
}

const linesOf = async (metrics: Metrics): Promise<string[]> => (await metrics.render()).text.split('\n')

afterEach(() => {
  vi.useRealTimers()
})

describe('a scrape', () => {
  test('shows requests, groups, jobs, deliveries and the state of the server', async () => {
    const metrics = new Metrics()
    metrics.watch(sources)
    metrics.onAnswered({ method: 'GET', route: '/api/products', status: 200, seconds: 0.003 })
    metrics.onAnswered({ method: 'POST', route: '/api/orders', status: 409, code: 'STOCK_INSUFFICIENT', seconds: 0.1 })
    metrics.onGroup({ size: 12, ms: 4 })
    metrics.onRetry({ kind: 'conflict', split: false })
    metrics.onRun({ job: 'expiry', ms: 20 })
    metrics.onRun({ job: 'expiry', ms: 20, error: new Error('away') })
    metrics.onAttempt({ type: 'order.paid' }, { kind: 'sent' })
    const lines = await linesOf(metrics)
    for (const line of [
      'shop_http_request_seconds_count{method="GET",route="/api/products",status="200"} 1',
      'shop_http_outcomes_total{method="POST",route="/api/orders",code="STOCK_INSUFFICIENT"} 1',
      'shop_http_outcomes_total{method="GET",route="/api/products",code="ok"} 1',
      'shop_group_size_sum 12',
      'shop_group_seconds_sum 0.004',
      'shop_group_retries_total{kind="conflict",split="false"} 1',
      'shop_job_seconds_count{job="expiry"} 2',
      'shop_job_errors_total{job="expiry"} 1',
      'shop_relay_attempts_total{type="order.paid",result="sent"} 1',
      'shop_commands_waiting 7',
      'shop_live_streams 4',
      'shop_scheduler_leader 1',
      'shop_pool_connections{state="pending"} 4',
      'shop_outbox_events{status="dead"} 1',
      'shop_outbox_oldest_pending_seconds 30',
    ])
      expect(lines).toContain(line)
    expect(lines).toContainEqual(expect.stringMatching(/^process_cpu_seconds_total \d/))
  })

  test('is in the Prometheus text format', async () => {
    const { contentType } = await new Metrics().render()
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('succeeds while the database is unavailable', async () => {
    const metrics = new Metrics()
    metrics.watch({ ...sources, eventCounts: () => Promise.reject(new Error('away')), pool: () => undefined })
    const lines = await linesOf(metrics)
    expect(lines).toContain('shop_commands_waiting 7')
    expect(lines.filter((line) => line.startsWith('shop_outbox_events{'))).toEqual([])
  })

  test('separates two servers in one process, and shows process metrics once', async () => {
    const [one, other] = [new Metrics(), new Metrics()]
    one.onRun({ job: 'views', ms: 1 })
    expect(await linesOf(other)).not.toContain('shop_job_seconds_count{job="views"} 1')
    const lines = await linesOf(one)
    expect(lines.filter((line) => line.startsWith('process_cpu_seconds_total '))).toHaveLength(1)
  })
})

describe('the outbox gauge', () => {
  test('reads at most every five seconds, with any number of scrapers', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    const read = vi.fn(async () => counts)
    const outbox = new OutboxGauge(read)
    expect(await Promise.all(Array.from({ length: 20 }, () => outbox.counts()))).toEqual(Array(20).fill(counts))
    vi.advanceTimersByTime(4_999)
    await outbox.counts()
    expect(read).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    await outbox.counts()
    expect(read).toHaveBeenCalledTimes(2)
  })

  test('shows the last numbers if the outbox does not respond', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    const hanging = gate()
    const read = vi.fn(async () => counts)
    const outbox = new OutboxGauge(read)
    await outbox.counts()
    vi.advanceTimersByTime(5_000)
    read.mockImplementation(() => hanging.opened.then(() => ({ ...counts, dead: 9 })))
    const asked = outbox.counts()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await asked).toEqual(counts)
    hanging.open()
    await vi.waitFor(async () => expect(await outbox.counts()).toMatchObject({ dead: 9 }))
  })
})
