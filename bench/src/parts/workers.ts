import { availableParallelism, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { type Contestant, inTurn } from '../figures/in-turn.js'
import { processorTime, processorTimeOf, processorTimeUnder } from '../figures/processor-time.js'
import { median } from '../figures/statistics.js'
import type { Scenario } from '../http/load/questions.js'
import type { ShopServerProcess } from '../http/server-process.js'
import type { PartResult } from '../results.js'
import { type HttpStage, onHttp } from './on-http.js'
import { onUnauditedLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { libraryTurns } from './throughput.js'

const connections = 512

/** Gives a process what others leave of a processor: then it is what the others wait for, as on a machine with more of them. */
const leastPriority = 19

/** Processor time for each request or order, in microseconds. */
interface Costs {
  /** The process that runs the shop; without workers, the whole server. */
  readonly engine: number
  readonly workers: number
  readonly postgres: number
  readonly load: number
}

const usedBy = ({ pid }: ShopServerProcess, withoutLoad: number): Costs => {
  const engine = processorTimeOf(pid) ?? Number.NaN
  const server = processorTimeUnder(pid) ?? Number.NaN
  const all = processorTime() ?? Number.NaN
  return { engine, workers: server - engine, postgres: withoutLoad - server, load: all - withoutLoad }
}

/** Groups that a server has committed, and the commands in them. */
const groupsOf = async ({
  port,
}: ShopServerProcess): Promise<{ readonly groups: number; readonly commands: number }> => {
  // Metrics are a second old at most.
  await pause(1_100)
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const metric = (name: string) => Number(new RegExp(`^shop_group_size_${name} (\\S+)$`, 'm').exec(text)?.[1])
  return { groups: metric('count'), commands: metric('sum') }
}

interface Measured extends Contestant {
  readonly costs: Costs[]
  /** The mean number of commands of a group, by turn. */
  readonly groupSizes: number[]
}

const turnsOf = (
  server: ShopServerProcess,
  name: string,
  {
    load,
    processor,
    scenario,
    ms,
  }: Pick<HttpStage, 'load' | 'processor'> & { readonly scenario: Scenario; readonly ms: number },
): Measured => {
  const costs: Costs[] = []
  const groupSizes: number[] = []
  return {
    name,
    unit: '/s',
    costs,
    groupSizes,
    async turn() {
      const earlier = await groupsOf(server)
      const before = usedBy(server, processor() ?? Number.NaN)
      const { perSecond, count } = await load({ scenario, ports: [server.port], connections, ms })
      const after = usedBy(server, processor() ?? Number.NaN)
      const later = await groupsOf(server)
      groupSizes.push((later.commands - earlier.commands) / (later.groups - earlier.groups))
      const each = (part: keyof Costs) => (after[part] - before[part]) / count
      costs.push({
        engine: each('engine'),
        workers: each('workers'),
        postgres: each('postgres'),
        load: each('load'),
      })
      return { figure: perSecond, count }
    },
    processor: () => processorTimeOf(server.pid),
  }
}

const parts = ['engine', 'workers', 'postgres', 'load'] as const

const medians = (costs: readonly Costs[]): readonly number[] =>
  parts.map((part) => median(costs.map((each) => each[part])))

/** What the parts cost, and what all processors could do together if they did nothing else. */
const shown = (costs: readonly Costs[]): string => {
  const each = medians(costs)
  const total = each.reduce((sum, cost) => sum + cost, 0)
  const processors = availableParallelism()
  const most = Math.round((processors * 1e6) / total).toLocaleString('en')
  return `${parts.map((part, index) => `${part} ${each[index]?.toFixed(1)} µs`).join(', ')}; ${processors} processors: at most ${most}/s`
}

const measure = async (
  { settings, show }: Bench,
  { servers, load, processor }: HttpStage,
  inLibrary: Contestant,
): Promise<PartResult> => {
  const ms = settings.seconds * 1_000
  const overHttp = (['issue', 'order-and-pay'] as const).flatMap((scenario) =>
    servers.map((server, index) => {
      const what = scenario === 'issue' ? 'claims of one coupon' : 'orders of one product, each paid'
      const name = `${what}, ${index === 0 ? 'one process' : 'two workers'}`
      return turnsOf(server, name, { load, processor, scenario, ms })
    }),
  )
  const contestants = [...overHttp, inLibrary]
  // Compiles the code of every route, and verifies the tokens.
  for (const { turn } of contestants) await turn()
  for (const { costs, groupSizes } of overHttp) {
    costs.splice(0)
    groupSizes.splice(0)
  }
  const series = await inTurn(contestants, settings.rounds, show)
  const library = series.at(-1)?.processor ?? []
  return {
    series,
    notes: [
      ...overHttp.map(({ name, costs, groupSizes }) => ({
        what: `processor time for each of: ${name}`,
        value: `${shown(costs)}; groups of ${median(groupSizes).toFixed(0)}`,
      })),
      { what: `processor time for each of: ${inLibrary.name}`, value: `${median(library).toFixed(1)} µs` },
    ],
  }
}

/** What requests cost the engine and its workers, beside a server of one process, and beside the library. */
export const workers: Part = {
  name: 'workers',
  about: 'processor time of the engine and of its workers, for a hot claim and for an order that is paid',
  run: (bench) =>
    onUnauditedLibrary(bench, 'workers', {}, (library) => {
      const turns = libraryTurns(library, 'issue', bench.settings, {
        name: 'claims of one coupon, library and callers in one process',
        callers: connections,
      })
      const inLibrary = { ...turns, processor: () => processorTimeOf(library.pid) }
      return onHttp(bench, { processes: 2, workers: [1, 2] }, (stage) => {
        const [, engine] = stage.servers
        if (engine) setPriority(engine.pid, leastPriority)
        return measure(bench, stage, inLibrary)
      })
    }),
}
