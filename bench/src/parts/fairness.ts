import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { warmUp } from './throughput.js'

const charging = 32

/** What a rush for a coupon does to those who want something else. */
export const fairness: Part = {
  name: 'fairness',
  about: 'charges beside a rush for one coupon',
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
          { name: 'p99 of a charge, nothing else going on', unit: ' ms', turn: () => p99(0) },
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

/** Far more callers than may wait. */
export const crowd: Part = {
  name: 'crowd',
  about: 'many more callers at once than the queue takes',
  run: (bench) =>
    onLibrary(bench, 'crowd', {}, async (library) => {
      const callers = bench.settings.crowd
      await warmUp(library, 'charge', bench.settings)
      const { answered, turnedAway, grownMb } = await library.ask({ kind: 'crowd', callers })
      if (answered + turnedAway !== callers) throw new Error('somebody was not answered')
      return {
        notes: [
          {
            what: `${callers.toLocaleString('en')} charges asked for at once`,
            value: `${answered.toLocaleString('en')} answered, ${turnedAway.toLocaleString('en')} turned away with UNAVAILABLE, ${Math.round(grownMb)} MB more memory`,
          },
        ],
      }
    }),
}
