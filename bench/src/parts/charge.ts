import { compare, inTurn } from '../figures/in-turn.js'
import type { LibraryRun } from '../library/questions.js'
import { latencyLine } from './latency.js'
import { onBaseline, onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { libraryTurns, pgbenchTurns, warmUp } from './throughput.js'

/** Goal 4. */
export const charge: Part = {
  name: 'charge',
  about: 'charges of distinct users (goal 4)',
  run: (bench) =>
    onBaseline(bench, (url) =>
      onLibrary(bench, 'charge', {}, async (library) => {
        const { settings, show } = bench
        const runs: LibraryRun[] = []
        await warmUp(library, 'charge', settings)
        const [one, charges, tx] = await inTurn(
          [
            pgbenchTurns(url, 'charge-one', settings),
            libraryTurns(library, 'charge', settings, { name: 'charges', runs }),
            pgbenchTurns(url, 'charge-tx', settings),
          ],
          settings.rounds,
          show,
        )
        return {
          findings: [compare('4', charges, one)],
          series: tx ? [tx] : [],
          charts: [latencyLine('charges', runs)],
          notes: [{ what: 'commands in a group of charges, median', value: String(runs.at(-1)?.maxGroupSize) }],
        }
      }),
    ),
}
