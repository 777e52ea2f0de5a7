/** The values of one scrape. Rates need two scrapes. */
export interface Reading {
  readonly atMs: number
  readonly requests: number
  readonly requestSeconds: number
  readonly groups: number
  readonly commands: number
  readonly waiting: number
  readonly outbox: number
  readonly memory: number
}

/** Sums all samples of a metric, or only those with this label. */
const sumOf = (lines: readonly string[], name: string, label = ''): number =>
  lines
    .filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)

/** Parses the Prometheus text of the server. */
export const readMetrics = (text: string, atMs: number): Reading => {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  return {
    atMs,
    requests: sumOf(lines, 'shop_http_request_seconds_count'),
    requestSeconds: sumOf(lines, 'shop_http_request_seconds_sum'),
    groups: sumOf(lines, 'shop_group_size_count'),
    commands: sumOf(lines, 'shop_group_size_sum'),
    waiting: sumOf(lines, 'shop_commands_waiting'),
    outbox: sumOf(lines, 'shop_outbox_events', 'status="pending"'),
    memory: sumOf(lines, 'process_resident_memory_bytes') / 1_000_000,
  }
}

export type ChartName = 'requests' | 'latency' | 'groups' | 'waiting' | 'outbox' | 'memory'

const per = (sum: number, count: number): number => (count > 0 ? sum / count : 0)

/** The value of one chart between two scrapes. */
export const chartValue = (name: ChartName, before: Reading, now: Reading): number => {
  switch (name) {
    case 'requests':
      return per((now.requests - before.requests) * 1_000, now.atMs - before.atMs)
    case 'latency':
      return per((now.requestSeconds - before.requestSeconds) * 1_000, now.requests - before.requests)
    case 'groups':
      return per(now.commands - before.commands, now.groups - before.groups)
    default:
      return now[name]
  }
}
