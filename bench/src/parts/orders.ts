import { compare, inTurn } from '../figures/in-turn.js'
import type { LibraryRun } from '../library/questions.js'
import { latencyFinding, latencyLine } from './latency.js'
import { onBaseline, onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { libraryTurns, pgbenchTurns, warmUp } from './throughput.js'

/**
 * While one group runs, the next one collects orders of other products. Twice as many callers are needed to
 * fill both.
 */
const callers = 1_024

/** Goal 2: an order and its payment, as separate commands. */
export const pair: Part = {
  name: 'pair',
  about: 'place, then pay orders of 3 lines (goal 2)',
  run: (bench) =>
    onBaseline(bench, (url) =>
      onLibrary(bench, 'pair', {}, async (library) => {
        const { settings, show } = bench
        const runs: LibraryRun[] = []
        await warmUp(library, 'pair', settings)
        const [tx, pairs] = await inTurn(
          [
            pgbenchTurns(url, 'checkout-tx', settings),
            libraryTurns(library, 'pair', settings, { name: 'place, then pay', callers, runs }),
          ],
          settings.rounds,
          show,
        )
        return {
          findings: [compare('2', pairs, tx)],
          charts: [latencyLine('place, then pay', runs)],
          notes: [
            { what: 'commands in a group of orders and payments, median', value: String(runs.at(-1)?.maxGroupSize) },
          ],
        }
      }),
    ),
}

/** Goals 3 and 11: an order that is placed and paid by one command. */
export const checkout: Part = {
  name: 'checkout',
  about: 'one-call checkout of 3 lines (goals 3, 11)',
  run: (bench) =>
    onBaseline(bench, (url) =>
      onLibrary(bench, 'checkout', { pays: 'at-once' }, async (library) => {
        const { settings, show } = bench
        const runs: LibraryRun[] = []
        await warmUp(library, 'checkout', settings)
        const [one, checkouts] = await inTurn(
          [
            pgbenchTurns(url, 'checkout-one', settings),
            libraryTurns(library, 'checkout', settings, { name: 'checkouts', callers, runs }),
          ],
          settings.rounds,
          show,
        )
        return {
          findings: [compare('3', checkouts, one), latencyFinding('11b', runs)],
          charts: [latencyLine('checkouts', runs)],
          notes: [{ what: 'commands in a group of checkouts, median', value: String(runs.at(-1)?.maxGroupSize) }],
        }
      }),
    ),
}
