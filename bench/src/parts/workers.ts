import { inTurn } from '../figures/in-turn.js'
import { processorTime, processorTimeOf, processorTimeUnder } from '../figures/processor-time.js'
import { median } from '../figures/statistics.js'
import type { ShopServerProcess } from '../http/server-process.js'
import { onHttp } from './on-http.js'
import type { Part } from './part.js'

const connections = 256

/** Processor time of the parts of a server, in microseconds. */
interface Used {
  readonly engine: number
  readonly workers: number
  readonly rest: number
}

const usedBy = ({ pid }: ShopServerProcess): Used => {
  const engine = processorTimeOf(pid) ?? Number.NaN
  const all = processorTimeUnder(pid) ?? Number.NaN
  return { engine, workers: all - engine, rest: processorTime() ?? Number.NaN }
}

/** What requests cost the engine and its workers, beside a server of one process. */
export const workers: Part = {
  name: 'workers',
  about: 'processor time of the engine and of its workers for a hot claim and for an order that is paid',
  run: (bench) =>
    onHttp(bench, { processes: 2, workers: [1, 2] }, async ({ servers, load }) => {
      const { settings, show } = bench
      const ms = settings.seconds * 1_000
      const costs = new Map<string, Used[]>()
      const contestants = (['issue', 'order-and-pay'] as const).flatMap((scenario) =>
        servers.map((server, index) => {
          const what = scenario === 'issue' ? 'claims of one coupon' : 'orders, each paid'
          const name = `${what}, ${index === 0 ? 'one process' : '2 workers'}`
          costs.set(name, [])
          return {
            name,
            unit: '/s',
            async turn() {
              const before = usedBy(server)
              const { perSecond, count } = await load({ scenario, ports: [server.port], connections, ms })
              const after = usedBy(server)
              const each = (part: keyof Used) => (after[part] - before[part]) / count
              costs.get(name)?.push({ engine: each('engine'), workers: each('workers'), rest: each('rest') })
              return { figure: perSecond, count }
            },
            processor: () => processorTimeOf(server.pid),
          }
        }),
      )
      for (const { turn } of contestants) await turn()
      for (const each of costs.values()) each.splice(0)
      const series = await inTurn(contestants, settings.rounds, show)
      const shown = (used: readonly Used[], part: keyof Used) =>
        `${median(used.map((each) => each[part])).toFixed(1)} µs`
      return {
        series,
        notes: [...costs].map(([what, used]) => ({
          what: `processor time for each of: ${what}`,
          value: `engine ${shown(used, 'engine')}, workers ${shown(used, 'workers')}, all processes ${shown(used, 'rest')}`,
        })),
      }
    }),
}
