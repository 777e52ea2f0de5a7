import { type Contestant, inTurn, timesCost } from '../figures/in-turn.js'
import { type SplitTime, splitting } from '../figures/split-time.js'
import { median } from '../figures/statistics.js'
import type { GoalId } from '../goals.js'
import { Library } from '../library/library.js'
import type { LibraryOptions } from '../library/questions.js'
import type { LimitOperation, LimitOptions, LimitQuestion, LimitRun } from '../limit/questions.js'
import { Child } from '../processes/child.js'
import type { Bar, BarChart, Finding, Note } from '../results.js'
import { type Database, postmasterOf } from '../stage/postgres.js'
import { type Written, writtenIn } from '../stage/written.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, manyCallers, warmUp } from './throughput.js'

interface Operation {
  readonly workload: LimitOperation
  readonly goal: GoalId
  readonly name: string
  /** The table into which each command inserts one row. */
  readonly counts: string
  readonly callers?: number
  readonly pays?: LibraryOptions['pays']
}

const operations: readonly Operation[] = [
  { workload: 'issue', goal: '17a', name: 'issue', counts: 'issued_coupons' },
  { workload: 'issue-keyed', goal: '17b', name: 'issue with key', counts: 'issued_coupons' },
  { workload: 'charge', goal: '17c', name: 'charge', counts: 'wallet_entries' },
  { workload: 'checkout', goal: '17d', name: 'checkout', counts: 'orders', callers: 2 * manyCallers, pays: 'at-once' },
  { workload: 'pair', goal: '17e', name: 'pair', counts: 'orders', callers: 2 * manyCallers },
]

const limitTurns = (limit: Child<LimitQuestion, LimitRun>, name: string, seconds: number): Contestant => ({
  name,
  unit: '/s',
  async turn() {
    const { perSecond, count } = await limit.ask({ ms: seconds * 1_000 })
    return { figure: perSecond, count }
  },
})

const perCommand = (written: ReadonlyMap<string, Written>, counts: string): string => {
  const commands = written.get(counts)?.inserted ?? 0
  return [...written]
    .map(([table, { inserted, updated, removed }]) => {
      const each = { inserted, updated, removed }
      const kinds = Object.entries(each).filter(([, rows]) => rows > 0)
      return `${table} ${kinds.map(([kind, rows]) => `${(rows / commands).toFixed(3)} ${kind}`).join(', ')}`
    })
    .join('; ')
}

/** One of the two that write, with a database of its own. */
interface Side {
  readonly name: 'ours' | 'limit'
  readonly url: string
  readonly split: SplitTime
}

const sideOf = (name: Side['name'], { url }: Database): Side => ({ name, url, split: { node: [], postgres: [] } })

const micros = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} µs`

const costOf = ({ split }: Side): number => median(split.node) + median(split.postgres)

const notesOn = async ({ name, url, split }: Side, operation: Operation): Promise<readonly Note[]> => {
  const value = `Node ${micros(median(split.node))}, Postgres ${micros(median(split.postgres))}`
  return [
    ...(split.node.length > 0 ? [{ what: `${operation.name}, ${name}: processor time`, value }] : []),
    {
      what: `${operation.name}, ${name}: rows of a command`,
      value: perCommand(await writtenIn(url), operation.counts),
    },
  ]
}

/** Processor time of a command in Node and in Postgres, each divided by the whole cost of the limit. */
const barOf = (side: Side, limit: Side): Bar => ({
  name: side.name,
  values: [side.split.postgres, side.split.node].map((samples) => median(samples) / costOf(limit)),
  label: micros(costOf(side)),
})

interface Measured {
  readonly finding: Finding
  readonly notes: readonly Note[]
  /** Undefined if the system does not report processor time. */
  readonly group: BarChart['groups'][number] | undefined
}

/** Measures both sides in turns. Both processes end, so that Postgres has counted all that they wrote. */
const inTurns = async (bench: Bench, operation: Operation, ours: Side, limit: Side): Promise<Finding> => {
  const { settings, show } = bench
  const { users, seconds, rounds, profileFolder } = settings
  const { workload, name, callers = manyCallers, pays } = operation
  const library = new Library({ url: ours.url, users, pays }, { profileFolder })
  const options: LimitOptions = { url: limit.url, operation: workload, users }
  const writer = new Child<LimitQuestion, LimitRun>('limit-process', options, { profileFolder })
  try {
    const postmaster = await postmasterOf(ours.url)
    await warmUp(library, workload, settings)
    await writer.ask({ ms: 1_000 * Math.min(2, seconds) })
    const shop = libraryTurns(library, workload, settings, { name, callers })
    const plain = limitTurns(writer, `${name}, limit`, seconds)
    const [cost, least] = await inTurn(
      [
        splitting(shop, { node: library.pid, postmaster }, ours.split),
        splitting(plain, { node: writer.pid, postmaster }, limit.split),
      ],
      rounds,
      show,
    )
    show('auditing')
    await library.audit()
    return timesCost(operation.goal, cost, least)
  } finally {
    await library.stop()
    await writer.stop()
  }
}

const measure = async (bench: Bench, operation: Operation): Promise<Measured> => {
  const databases = [await bench.seeds.shop('limit_ours'), await bench.seeds.shop('limit_plain')] as const
  try {
    const [ours, limit] = [sideOf('ours', databases[0]), sideOf('limit', databases[1])]
    const finding = await inTurns(bench, operation, ours, limit)
    const isSplit = ours.split.node.length > 0
    return {
      finding,
      notes: [...(await notesOn(ours, operation)), ...(await notesOn(limit, operation))],
      group: isSplit ? { name: operation.name, bars: [barOf(limit, limit), barOf(ours, limit)] } : undefined,
    }
  } finally {
    for (const database of databases) await database.drop()
  }
}

/** Goal 17: what a command costs beside writing the same rows in batches, without locks, decisions or checks. */
export const limit: Part = {
  name: 'limit',
  about: 'each command beside a plain set-based write of the same rows, by processor time (goal 17)',
  async run(bench) {
    const measured: Measured[] = []
    for (const operation of operations) measured.push(await measure(bench, operation))
    const groups = measured.flatMap(({ group }) => group ?? [])
    const chart: BarChart = {
      name: 'limit',
      title: 'Processor time of a command, beside its limit',
      unit: '× of the limit',
      parts: ['Postgres', 'Node'],
      groups,
    }
    return {
      findings: measured.map(({ finding }) => finding),
      notes: measured.flatMap(({ notes }) => notes),
      barCharts: groups.length > 0 ? [chart] : [],
    }
  },
}
