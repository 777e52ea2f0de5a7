import { compare, inTurn } from '../figures/in-turn.js'
import type { LibraryRun } from '../library/questions.js'
import { latencyFinding, latencyLine } from './latency.js'
import { onBaseline, onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { libraryTurns, pgbenchTurns, warmUp } from './throughput.js'

/** Goals 1 and 11: one coupon that every caller claims. */
export const issue: Part = {
  name: 'issue',
  about: 'issues of one hot coupon (goals 1, 11)',
  run: (bench) =>
    onBaseline(bench, (url) =>
      onLibrary(bench, 'issue', {}, async (library) => {
        const { settings, show } = bench
        const runs: LibraryRun[] = []
        await warmUp(library, 'issue', settings)
        const [tx, plain, keyed, ...others] = await inTurn(
          [
            pgbenchTurns(url, 'issue-tx', settings),
            libraryTurns(library, 'issue', settings, { name: 'issues', runs }),
            libraryTurns(library, 'issue-keyed', settings, { name: 'issues with keys' }),
            pgbenchTurns(url, 'issue-one', settings),
            pgbenchTurns(url, 'issue-batch', settings),
          ],
          settings.rounds,
          show,
        )
        return {
          findings: [compare('1a', plain, tx), compare('1b', keyed, tx), latencyFinding('11a', runs)],
          series: others,
          charts: [latencyLine('issues', runs)],
          notes: [{ what: 'commands in a group of issues, median', value: String(runs.at(-1)?.maxGroupSize) }],
        }
      }),
    ),
}
