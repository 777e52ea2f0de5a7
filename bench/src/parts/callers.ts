import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { runPgbench } from '../stage/pgbench.js'
import { onBaseline, onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { libraryTurns, warmUp } from './throughput.js'

const oursAt = [1, 8, 32, 128, 512, 2_048]
/** One connection each. */
const theirsAt = [1, 8, 32]

/** Throughput by the number of concurrent callers. */
export const callers: Part = {
  name: 'callers',
  about: 'throughput against the number of callers (chart)',
  run: (bench) =>
    onBaseline(bench, (url) =>
      onLibrary(bench, 'callers', {}, async (library) => {
        const { settings, show } = bench
        const brief = { ...settings, seconds: Math.min(3, settings.seconds) }
        await warmUp(library, 'issue', settings)
        const series = await inTurn(
          [
            ...oursAt.map((callers) =>
              libraryTurns(library, 'issue', brief, { name: `issues, ${callers} callers`, callers }),
            ),
            ...theirsAt.map((clients) => ({
              name: `pgbench issue-tx, ${clients} clients`,
              unit: '/s',
              turn: async () => ({
                figure: (await runPgbench(url, 'issue-tx', { clients, seconds: brief.seconds })).perSecond,
              }),
            })),
          ],
          Math.min(3, settings.rounds),
          show,
        )
        const point = (x: number, index: number) => [x, median(series[index]?.samples ?? [])] as const
        return {
          series,
          charts: [
            {
              name: 'callers',
              title: 'Issues of one hot coupon a second',
              x: 'callers at once',
              y: '/s',
              logarithmic: true,
              lines: [
                { name: 'the library', points: oursAt.map(point) },
                { name: 'a transaction each', points: theirsAt.map((at, index) => point(at, index + oursAt.length)) },
              ],
            },
          ],
        }
      }),
    ),
}
