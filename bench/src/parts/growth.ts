import { compare, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { Library } from '../library/library.js'
import type { WorkloadName } from '../library/workloads.js'
import { fillPast } from '../stage/fill.js'
import type { Database } from '../stage/postgres.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, warmUp } from './throughput.js'

const measuredWorkloads = [
  { goal: '9a', workload: 'issue', name: 'issues' },
  { goal: '9b', workload: 'pair', name: 'pairs' },
  { goal: '9c', workload: 'checkout', name: 'checkouts' },
  { goal: '9d', workload: 'charge', name: 'charges' },
] as const

interface Stage {
  readonly orders: number
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
    database,
    libraries: [later, atOnce],
    libraryFor: (workload) => (workload === 'checkout' ? atOnce : later),
  }
}

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
      const series = await inTurn(
        measuredWorkloads.flatMap(({ workload, name }) =>
          stages.map(({ orders, libraryFor }) =>
            libraryTurns(libraryFor(workload), workload, settings, { name: `${name}, ${orders} existing orders` }),
          ),
        ),
        settings.rounds,
        show,
      )
      show('auditing')
      for (const { libraries } of stages) await libraries[0]?.audit()
      const at = (which: number, stage: number) => series[which * stages.length + stage]
      return {
        findings: measuredWorkloads.map(({ goal }, which) => compare(goal, at(which, stages.length - 1), at(which, 0))),
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
