import { type Contestant, inTurn, timesCost } from '../figures/in-turn.js'
import { processorTimeOf, processorTimeUnder } from '../figures/processor-time.js'
import { median } from '../figures/statistics.js'
import type { GoalId } from '../goals.js'
import { Library } from '../library/library.js'
import type { LibraryOptions } from '../library/questions.js'
import type { LimitOperation, LimitOptions, LimitQuestion, LimitRun } from '../limit/questions.js'
import { Child } from '../processes/child.js'
import type { Bar, BarChart, Finding, Note } from '../results.js'
import { postmasterOf } from '../stage/postgres.js'
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

/** Processor time per command in microseconds, one per round. */
interface Split {
  readonly node: number[]
  readonly postgres: number[]
}

const usedBy = (node: number, postmaster: number): { node: number; postgres: number } | undefined => {
  const [own, postgres] = [processorTimeOf(node), postmaster === 0 ? undefined : processorTimeUnder(postmaster)]
  return own === undefined || postgres === undefined ? undefined : { node: own, postgres }
}

/** Counts the processor time of one process of Node and of Postgres, and collects both. */
const splitting = (contestant: Contestant, node: number, postmaster: number, split: Split): Contestant => ({
  ...contestant,
  async turn() {
    const before = usedBy(node, postmaster)
    const turn = await contestant.turn()
    const after = usedBy(node, postmaster)
    if (turn.count !== undefined && before && after) {
      split.node.push((after.node - before.node) / turn.count)
      split.postgres.push((after.postgres - before.postgres) / turn.count)
    }
    return turn
  },
  processor() {
    const used = usedBy(node, postmaster)
    return used && used.node + used.postgres
  },
})

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

const micros = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} µs`

const splitText = ({ node, postgres }: Split): string =>
  `Node ${micros(median(node))}, Postgres ${micros(median(postgres))}`

const barOf = (name: string, { node, postgres }: Split, cost: number): Bar => ({
  name,
  values: [median(postgres) / cost, median(node) / cost],
  label: micros(median(postgres) + median(node)),
})

interface Measured {
  readonly finding: Finding
  readonly notes: readonly Note[]
  readonly group: BarChart['groups'][number]
}

const measure = async (bench: Bench, operation: Operation): Promise<Measured> => {
  const { settings, seeds, show } = bench
  const { users, seconds, rounds, profileFolder } = settings
  const { workload, goal, name, counts, callers = manyCallers, pays } = operation
  const [ours, theirs] = [await seeds.shop('limit_ours'), await seeds.shop('limit_theirs')]
  try {
    const library = new Library({ url: ours.url, users, pays }, { profileFolder })
    const limit = new Child<LimitQuestion, LimitRun>(
      'limit-process',
      { url: theirs.url, operation: workload, users } satisfies LimitOptions,
      { profileFolder },
    )
    const splits = [0, 1].map((): Split => ({ node: [], postgres: [] }))
    const [ourSplit, limitSplit] = splits as [Split, Split]
    let finding: Finding
    try {
      const postmaster = await postmasterOf(ours.url)
      await warmUp(library, workload, settings)
      await limit.ask({ ms: 1_000 * Math.min(2, seconds) })
      const contestants = [
        splitting(libraryTurns(library, workload, settings, { name, callers }), library.pid, postmaster, ourSplit),
        splitting(limitTurns(limit, `${name}, limit`, seconds), limit.pid, postmaster, limitSplit),
      ]
      const [measured, against] = await inTurn(contestants, rounds, show)
      finding = timesCost(goal, measured, against)
      show('auditing')
      await library.audit()
    } finally {
      await library.stop()
      await limit.stop()
    }
    const rows = [await writtenIn(ours.url), await writtenIn(theirs.url)]
    const cost = median(limitSplit.node) + median(limitSplit.postgres)
    const sides = ['ours', 'limit'] as const
    return {
      finding,
      notes: sides.flatMap((side, index) => [
        { what: `${name}, ${side}: processor time`, value: splitText(splits[index] as Split) },
        { what: `${name}, ${side}: rows of a command`, value: perCommand(rows[index] ?? new Map(), counts) },
      ]),
      group: { name, bars: [barOf('limit', limitSplit, cost), barOf('ours', ourSplit, cost)] },
    }
  } finally {
    await ours.drop()
    await theirs.drop()
  }
}

/** Goal 17: what a command costs beside writing the same rows in batches, without locks, decisions or checks. */
export const limit: Part = {
  name: 'limit',
  about: 'each command beside a plain set-based write of the same rows, by processor time (goal 17)',
  async run(bench) {
    const measured: Measured[] = []
    for (const operation of operations) measured.push(await measure(bench, operation))
    return {
      findings: measured.map(({ finding }) => finding),
      notes: measured.flatMap(({ notes }) => notes),
      barCharts: [
        {
          name: 'limit',
          title: 'Processor time of a command, beside its limit',
          unit: '× of the limit',
          parts: ['Postgres', 'Node'],
          groups: measured.map(({ group }) => group),
        },
      ],
    }
  },
}
