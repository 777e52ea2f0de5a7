import { type Counted, counting, describeCounted, medianOf } from '../figures/counting.js'
import { compare, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { Library } from '../library/library.js'
import type { WorkloadName } from '../library/workloads.js'
import type { Note } from '../results.js'
import { fillPast } from '../stage/fill.js'
import { type Database, postmasterOf } from '../stage/postgres.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, warmUp } from './throughput.js'

const measuredWorkloads = [
  { goal: '9a', workload: 'issue', name: 'issues', table: 'issued_coupons' },
  { goal: '9b', workload: 'pair', name: 'pairs', table: 'orders' },
  { goal: '9c', workload: 'checkout', name: 'checkouts', table: 'orders' },
  { goal: '9d', workload: 'charge', name: 'charges', table: 'wallet_entries' },
] as const

interface Stage {
  readonly orders: number
  /** The process of the whole Postgres. */
  readonly postmaster: number
  readonly database: Database
  readonly libraryFor: (workload: WorkloadName) => Library
  readonly libraries: readonly Library[]
}

const openStage = async ({ seeds, settings, show }: Bench, orders: number): Promise<Stage> => {
  const { users } = settings
  const database = await seeds.shop(`growth_${orders}`)
  if (orders > 0) {
    show(`creating ${orders.toLocaleString('en')} orders with five wallet entries each, and as many issued coupons`)
    await fillPast(database, { orders, users })
  }
  const { url } = database
  const [later, atOnce] = [new Library({ url, users }), new Library({ url, users, pays: 'at-once' })]
  return {
    orders,
    postmaster: await postmasterOf(url),
    database,
    libraries: [later, atOnce],
    libraryFor: (workload) => (workload === 'checkout' ? atOnce : later),
  }
}

/** The turns of one workload on one database, and what a command cost in each of them. */
interface Counting {
  readonly name: string
  readonly turns: Counted[]
}

/** How much more a command costs on the last database than on the first, and the counters that explain it. */
const growthOf = (name: string, all: readonly Counting[]): readonly Note[] => {
  const [empty, full] = [all.at(0), all.at(-1)].map((each) => medianOf(each?.turns ?? []))
  if (!empty || !full) return []
  const times = (which: (each: Counted) => number) => `${(which(full) / which(empty)).toFixed(2)}×`
  const value = [
    `Node ${times(({ node }) => node)}`,
    `Postgres ${times(({ postgres }) => postgres)}`,
    `both ${times(({ node, postgres }) => node + postgres)}`,
    `pages ${times(({ pages }) => pages)}`,
    `log ${times(({ logBytes }) => logBytes)}`,
  ]
  return [{ what: `${name}: a command on the largest database beside the empty one`, value: value.join(', ') }]
}

const notesOn = (name: string, all: readonly Counting[]): readonly Note[] => [
  ...all.map((each) => ({ what: `${each.name}: a command`, value: describeCounted(medianOf(each.turns)) })),
  ...growthOf(name, all),
]

/** Goal 9: whether a shop slows down as its data grows. */
export const growth: Part = {
  name: 'growth',
  about: 'every command on an empty database and on full ones (goal 9)',
  async run(bench) {
    const { settings, show } = bench
    const stages: Stage[] = []
    try {
      for (const share of settings.shares) stages.push(await openStage(bench, Math.round(settings.orders * share)))
      for (const { libraryFor } of stages) {
        for (const { workload } of measuredWorkloads) await warmUp(libraryFor(workload), workload, settings)
      }
      const counted = measuredWorkloads.map(({ name }) =>
        stages.map(({ orders }): Counting => ({ name: `${name}, ${orders} existing orders`, turns: [] })),
      )
      const series = await inTurn(
        measuredWorkloads.flatMap(({ workload, table }, which) =>
          stages.map(({ libraryFor, database, postmaster }, stage) => {
            const library = libraryFor(workload)
            const { name, turns } = counted.flat()[which * stages.length + stage] as Counting
            const contestant = libraryTurns(library, workload, settings, { name })
            return counting(contestant, { url: database.url, table, node: library.pid, postmaster }, turns)
          }),
        ),
        settings.rounds,
        show,
      )
      show('auditing')
      for (const { libraries } of stages) await libraries[0]?.audit()
      const at = (which: number, stage: number) => series[which * stages.length + stage]
      return {
        findings: measuredWorkloads.map(({ goal }, which) => compare(goal, at(which, stages.length - 1), at(which, 0))),
        notes: measuredWorkloads.flatMap(({ name }, which) => notesOn(name, counted[which] ?? [])),
        charts: [
          {
            name: 'growth',
            title: 'Throughput by existing orders',
            x: 'existing orders',
            y: '/s',
            lines: measuredWorkloads.map(({ name }, which) => ({
              name,
              points: stages.map(({ orders }, stage) => [orders, median(at(which, stage)?.samples ?? [])] as const),
            })),
          },
        ],
      }
    } finally {
      for (const { libraries, database } of stages) {
        await Promise.all(libraries.map((library) => library.stop()))
        await database.drop()
      }
    }
  },
}
