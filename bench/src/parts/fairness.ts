import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { warmUp } from './throughput.js'

const charging = 32

/** The effect of a rush for one coupon on other commands. */
export const fairness: Part = {
  name: 'fairness',
  about: 'charges during a rush for one coupon',
  run: (bench) =>
    onLibrary(bench, 'fairness', {}, async (library) => {
      const { settings, show } = bench
      const ms = settings.seconds * 1_000
      const p99 = async (issuing: number) => {
        const { charges } = await library.ask({ kind: 'rush', charging, issuing, ms })
        return { figure: charges.latency.p99 }
      }
      await warmUp(library, 'issue', settings)
      await warmUp(library, 'charge', settings)
      const series = await inTurn(
        [
          { name: 'p99 of a charge, without other load', unit: ' ms', turn: () => p99(0) },
          { name: 'p99 of a charge during a rush of 512 for a coupon', unit: ' ms', turn: () => p99(512) },
        ],
        settings.rounds,
        show,
      )
      return {
        series,
        notes: series.map(({ name, samples }) => ({ what: name, value: `${median(samples).toFixed(1)} ms` })),
      }
    }),
}

/** Many more concurrent callers than the queue admits. */
export const crowd: Part = {
  name: 'crowd',
  about: 'many more concurrent callers than the queue admits',
  run: (bench) =>
    onLibrary(bench, 'crowd', {}, async (library) => {
      const callers = bench.settings.crowd
      await warmUp(library, 'charge', bench.settings)
      const { answered, rejected, grownMb } = await library.ask({ kind: 'crowd', callers })
      if (answered + rejected !== callers) throw new Error('a caller got no response')
      return {
        notes: [
          {
            what: `${callers.toLocaleString('en')} concurrent charges`,
            value: `${answered.toLocaleString('en')} answered, ${rejected.toLocaleString('en')} rejected with UNAVAILABLE, ${Math.round(grownMb)} MB more memory`,
          },
        ],
      }
    }),
}
