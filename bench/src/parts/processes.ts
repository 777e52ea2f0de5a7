import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { Library } from '../library/library.js'
import type { WorkloadName } from '../library/workloads.js'
import type { Note, PartResult, Series } from '../results.js'
import { onHttp } from './on-http.js'
import { onLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, manyCallers, warmUp } from './throughput.js'

const notesOn = (series: readonly Series[]): Note[] =>
  series.map(({ name, samples }) => ({ what: name, value: `${Math.round(median(samples)).toLocaleString('en')}/s` }))

const asLibrary = (bench: Bench): Promise<PartResult> =>
  onLibrary(bench, 'processes', {}, async (first, { url }) => {
    const { settings, show } = bench
    const second = new Library({ url, users: settings.users })
    const contestantsFor = (workload: WorkloadName, name: string) => {
      const half = (library: Library) => libraryTurns(library, workload, settings, { name, callers: manyCallers / 2 })
      const alone = libraryTurns(first, workload, settings, { name: `${name}, one process` })
      const together = async () => {
        const figures = await Promise.all([half(first).turn(), half(second).turn()])
        return {
          figure: figures.reduce((sum, { figure }) => sum + figure, 0),
          count: figures.reduce((sum, { count = 0 }) => sum + count, 0),
        }
      }
      return [alone, { name: `${name}, two processes`, unit: '/s', turn: together }]
    }
    try {
      for (const library of [first, second]) {
        await warmUp(library, 'issue', settings)
        await warmUp(library, 'pair', settings)
      }
      const contestants = [...contestantsFor('issue', 'issues'), ...contestantsFor('pair', 'pairs')]
      const series = await inTurn(contestants, settings.rounds, show)
      return { series, notes: notesOn(series) }
    } finally {
      await second.stop()
    }
  })

const overHttp = (bench: Bench): Promise<PartResult> =>
  onHttp(bench, { processes: 2 }, async ({ servers: [first], load, servers, shopTurns }) => {
    if (!first) throw new Error('no server was started')
    const ports = servers.map(({ port }) => port)
    await load({ scenario: 'charge', ports, ms: Math.min(2, bench.settings.seconds) * 1_000 })
    const series = await inTurn(
      (['issue', 'charge'] as const).flatMap((scenario) => [
        shopTurns(scenario, `${scenario}s over HTTP, one process`, [first.port]),
        shopTurns(scenario, `${scenario}s over HTTP, two processes`, ports),
      ]),
      bench.settings.rounds,
      bench.show,
    )
    return { series, notes: notesOn(series) }
  })

/** The gain from a second process on the same database. */
export const processes: Part = {
  name: 'processes',
  about: 'one process and two on one database',
  async run(bench) {
    const [library, http] = [await asLibrary(bench), await overHttp(bench)]
    return {
      series: [...(library.series ?? []), ...(http.series ?? [])],
      notes: [...(library.notes ?? []), ...(http.notes ?? [])],
    }
  },
}
