import { compareCosts, inTurn } from '../figures/in-turn.js'
import type { Library } from '../library/library.js'
import type { WorkloadName } from '../library/workloads.js'
import { onLibrary } from './on-library.js'
import type { Part } from './part.js'
import { libraryTurns, warmUp } from './throughput.js'

/** Buyers at once of goal 16, on a pool of 10. */
const buyers = 2_000

/** @throws if one of them gets neither its order nor UNAVAILABLE */
const buy = async (library: Library, workload: WorkloadName, callers: number) => {
  const { ms, answered, rejected } = await library.ask({ kind: 'buyers', workload, callers })
  if (answered + rejected < callers) throw new Error(`${callers - answered - rejected} buyers were not answered`)
  const count = (number: number) => number.toLocaleString('en')
  return `${count(answered)} orders and ${count(rejected)} UNAVAILABLE in ${count(Math.round(ms))} ms, 0 errors`
}

/** Goal 16: what a row of the host's costs that commits with each order. */
export const companions: Part = {
  name: 'companions',
  about: "rows of the host's that commit with orders, by processor time (goal 16)",
  run: (bench) =>
    onLibrary(bench, 'companions', {}, async (library) => {
      const { settings, show } = bench
      const many = Math.min(buyers, settings.users)
      show(`${many} buyers at once`)
      const grouped = await buy(library, 'buy-noted', many)
      const apart = await buy(library, 'buy-in-transaction', many)
      for (const workload of ['pair', 'pair-noted'] as const) await warmUp(library, workload, settings)
      const [without, withRow] = await inTurn(
        [
          libraryTurns(library, 'pair', settings, { name: 'pairs' }),
          libraryTurns(library, 'pair-noted', settings, { name: 'pairs with one companion row' }),
        ],
        settings.rounds,
        show,
      )
      return {
        findings: [compareCosts('16', withRow, without)],
        notes: [
          { what: `${many} buyers of one product at once, a companion row each, pool of 10`, value: grouped },
          { what: 'the same, each in a `shop.transaction` of its own', value: apart },
        ],
      }
    }),
}
