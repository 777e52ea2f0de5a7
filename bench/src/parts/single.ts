import type { ByHandCommand, ByHandOptions, ByHandQuestion, ByHandRun } from '../by-hand/questions.js'
import { type Contestant, compare, inTurn } from '../figures/in-turn.js'
import { Child } from '../processes/child.js'
import { onLibrary, onUnauditedLibrary } from './on-library.js'
import type { Part } from './part.js'

const asked = [
  { goal: '5a', command: 'charge' },
  { goal: '5b', command: 'issue' },
  { goal: '5c', command: 'checkout' },
] as const

/** Goal 5: the overhead of a group for a single caller. */
export const single: Part = {
  name: 'single',
  about: 'latency of one caller at a time against pg by hand (goal 5)',
  run: (bench) =>
    // Each side has its own tables, so that neither sees the other's rows. Handwritten rows satisfy none of the
    // shop's laws.
    onUnauditedLibrary(bench, 'by_hand', {}, (_, { url }) =>
      onLibrary(bench, 'single', { pays: 'at-once' }, async (library) => {
        const { settings, show } = bench
        const options: ByHandOptions = { url, users: settings.users }
        const byHand = new Child<ByHandQuestion, ByHandRun>('by-hand-process', options)
        const ms = settings.seconds * 1_000
        const ours = (command: ByHandCommand): Contestant => ({
          name: `${command} by the library, p50`,
          unit: ' ms',
          turn: async () => ({ figure: (await library.run(command, { callers: 1, ms })).latency.p50 }),
        })
        const theirs = (command: ByHandCommand): Contestant => ({
          name: `${command} by hand, p50`,
          unit: ' ms',
          turn: async () => ({ figure: (await byHand.ask({ command, ms })).latency.p50 }),
        })
        try {
          const contestants = asked.flatMap(({ command }) => [theirs(command), ours(command)])
          for (const { turn } of contestants) await turn()
          const series = await inTurn(contestants, settings.rounds, show)
          return { findings: asked.map(({ goal }, index) => compare(goal, series[2 * index + 1], series[2 * index])) }
        } finally {
          await byHand.stop()
        }
      }),
    ),
}
