import { type Contestant, compareCosts, inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import type { GoalId } from '../goals.js'
import type { Scenario } from '../http/load/questions.js'
import { Library } from '../library/library.js'
import type { WorkloadName } from '../library/workloads.js'
import type { Note, PartResult, Series } from '../results.js'
import { onHttp } from './on-http.js'
import { onLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { manyCallers, warmUp } from './throughput.js'

/**
 * Of each server: a second one is added for more callers. With the same callers on two servers, groups would be half as
 * large, and that would be measured instead.
 */
const callers = manyCallers

/** Of each server. */
const connections = 256

const ways = ['one server', 'two servers', 'two servers with routing'] as const

interface Subject {
  readonly name: string
  /** One for each of the ways. */
  readonly contestants: readonly Contestant[]
  /** Sizes of the committed groups, for each of the ways. */
  readonly groupSizes?: readonly number[][] | undefined
}

interface Measured extends Pick<Subject, 'name' | 'groupSizes'> {
  /** One series for each of the ways. */
  readonly series: readonly Series[]
}

/** Processor time per command, and the part of it that one server needs. Empty where it is unknown. */
const costsOf = ({ processor = [] }: Series, one: Series | undefined): string[] => {
  if (processor.length === 0) return []
  const cost = median(processor)
  return [`${cost.toFixed(1)} µs of processor time`, `${(median(one?.processor ?? []) / cost).toFixed(2)}×`]
}

const notesOn = ({ name, series, groupSizes }: Measured): Note[] =>
  series.map((each, way) => ({
    what: `${name}, ${ways[way]}`,
    value: [
      `${Math.round(median(each.samples)).toLocaleString('en')}/s`,
      ...costsOf(each, series[0]),
      ...(groupSizes ? [`groups of ${Math.round(median(groupSizes[way] ?? []))}`] : []),
    ].join(', '),
  }))

const measured = async (subjects: readonly Subject[], { settings, show }: Bench): Promise<readonly Measured[]> => {
  const series = await inTurn(
    subjects.flatMap(({ contestants }) => contestants),
    settings.rounds,
    show,
  )
  return subjects.map(({ name, groupSizes }, index) => ({
    name,
    groupSizes,
    series: series.slice(index * ways.length, (index + 1) * ways.length),
  }))
}

const resultOf = (all: readonly Measured[], goals: readonly GoalId[]): PartResult => ({
  findings: goals.map((goal, index) => compareCosts(goal, all[index]?.series[2], all[index]?.series[0])),
  series: all.flatMap(({ series }) => series),
  notes: all.flatMap(notesOn),
})

/** Three lines are three consecutive products: an order crosses the edge of such a shelf once in 25 times. */
const rowsPerShelf = 50

const inLibrary: readonly { readonly name: string; readonly workload: WorkloadName; readonly rowsPerShelf?: number }[] =
  [
    { name: 'pairs of a drop', workload: 'pair-drop' },
    { name: 'claims of a drop', workload: 'issue-drop' },
    { name: 'pairs of 3 lines, by shelf', workload: 'pair', rowsPerShelf },
  ]

const asLibrary = (bench: Bench): Promise<PartResult> =>
  onLibrary(bench, 'route', {}, async (first, { url }) => {
    const { settings } = bench
    const second = new Library({ url, users: settings.users })
    const libraries = [first, second]
    const ms = settings.seconds * 1_000
    try {
      for (const library of libraries) for (const { workload } of inLibrary) await warmUp(library, workload, settings)
      const subjects = inLibrary.map(({ name, workload, rowsPerShelf }) => {
        const groupSizes = ways.map((): number[] => [])
        const turnOf = (asked: readonly Library[], way: number) => async () => {
          const servers = asked.length
          const runs = await Promise.all(
            asked.map((library, server) => {
              const share = way === 2 ? { server, servers, rowsPerShelf } : undefined
              return library.run(workload, { callers, ms, share })
            }),
          )
          groupSizes[way]?.push(...runs.map(({ maxGroupSize }) => maxGroupSize))
          return {
            figure: runs.reduce((sum, { perSecond }) => sum + perSecond, 0),
            count: runs.reduce((sum, { count }) => sum + count, 0),
          }
        }
        const turns = [turnOf([first], 0), turnOf(libraries, 1), turnOf(libraries, 2)]
        const contestants = turns.map((turn, way) => ({ name: `${name}, ${ways[way]}`, unit: '/s', turn }))
        return { name, groupSizes, contestants }
      })
      return resultOf(await measured(subjects, bench), ['18a', '18b'])
    } finally {
      await second.stop()
    }
  })

const overHttp = (bench: Bench): Promise<PartResult> =>
  onHttp(bench, { processes: 2 }, async ({ servers, load, processor }) => {
    const ports = servers.map(({ port }) => port)
    const ms = bench.settings.seconds * 1_000
    const subjects = (
      [
        ['pairs of a drop over HTTP', 'order-drop'],
        ['claims of a drop over HTTP', 'issue-drop'],
      ] as const satisfies readonly (readonly [string, Scenario])[]
    ).map(([name, scenario]) => ({
      name,
      contestants: [ports.slice(0, 1), ports, ports].map((asked, way) => ({
        name: `${name}, ${ways[way]}`,
        unit: '/s',
        processor,
        async turn() {
          const { perSecond, count } = await load({
            scenario,
            ports: asked,
            ms,
            connections: connections * asked.length,
            isRouted: way === 2,
          })
          return { figure: perSecond, count }
        },
      })),
    }))
    for (const scenario of ['order-drop', 'issue-drop'] as const) {
      await load({ scenario, ports, connections, ms: Math.min(3, bench.settings.seconds) * 1_000 })
    }
    return resultOf(await measured(subjects, bench), [])
  })

/** Goal 18: what a second server costs, and how much of it routing by row saves. */
export const route: Part = {
  name: 'route',
  about: 'one server and two on one database, with and without routing by row (goal 18)',
  async run(bench) {
    const [library, http] = [await asLibrary(bench), await overHttp(bench)]
    return {
      findings: library.findings ?? [],
      series: [...(library.series ?? []), ...(http.series ?? [])],
      notes: [...(library.notes ?? []), ...(http.notes ?? [])],
    }
  },
}
