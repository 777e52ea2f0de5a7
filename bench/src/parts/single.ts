import type { ByHandOptions, ByHandQuestion, ByHandRun, ByHandVerb } from '../by-hand/questions.js'
import { type Contestant, compare, inTurn } from '../figures/in-turn.js'
import { Child } from '../processes/child.js'
import { onLibrary, onUnauditedLibrary } from './on-library.js'
import type { Part } from './part.js'

const asked = [
  { goal: '5a', verb: 'charge' },
  { goal: '5b', verb: 'issue' },
  { goal: '5c', verb: 'checkout' },
] as const

/** Goal 5: what a group costs one who comes alone. */
export const single: Part = {
  name: 'single',
  about: 'latency of one caller at a time against pg by hand (goal 5)',
  run: (bench) =>
    // Each side has tables of its own, so that neither finds the other's rows. What is written by hand keeps no law of ours.
    onUnauditedLibrary(bench, 'by_hand', {}, (_, { url }) =>
      onLibrary(bench, 'single', { pays: 'at-once' }, async (library) => {
        const { settings, show } = bench
        const options: ByHandOptions = { url, users: settings.users }
        const byHand = new Child<ByHandQuestion, ByHandRun>('by-hand-process', options)
        const ms = settings.seconds * 1_000
        const ours = (verb: ByHandVerb): Contestant => ({
          name: `${verb} by the library, p50`,
          unit: ' ms',
          turn: async () => ({ figure: (await library.run(verb, { callers: 1, ms })).latency.p50 }),
        })
        const theirs = (verb: ByHandVerb): Contestant => ({
          name: `${verb} by hand, p50`,
          unit: ' ms',
          turn: async () => ({ figure: (await byHand.ask({ verb, ms })).latency.p50 }),
        })
        try {
          const contestants = asked.flatMap(({ verb }) => [theirs(verb), ours(verb)])
          for (const { turn } of contestants) await turn()
          const series = await inTurn(contestants, settings.rounds, show)
          return { findings: asked.map(({ goal }, index) => compare(goal, series[2 * index + 1], series[2 * index])) }
        } finally {
          await byHand.stop()
        }
      }),
    ),
}
