import { median } from '../figures/statistics.js'
import { Library } from '../library/library.js'
import type { LibraryRun } from '../library/questions.js'
import { onLibrary } from './on-library.js'
import type { Bench, Part } from './part.js'
import { libraryTurns, warmUp } from './throughput.js'

interface Point {
  readonly size: number
  readonly perSecond: number
  readonly p99: number
}

const measure = async ({ settings, show }: Bench, url: string, size: number): Promise<Point> => {
  const { users, rounds, seconds } = settings
  const brief = { ...settings, seconds: Math.min(3, seconds) }
  const library = new Library({ url, users, limits: { maxGroupSize: size } })
  try {
    const runs: LibraryRun[] = []
    const { turn } = libraryTurns(library, 'issue', brief, { name: '', runs })
    await warmUp(library, 'issue', brief)
    for (let round = 0; round < Math.min(3, rounds); round += 1) await turn()
    const perSecond = median(runs.map((run) => run.perSecond))
    const p99 = median(runs.map(({ latency }) => latency.p99))
    show(`groups of at most ${size}: ${Math.round(perSecond)}/s, p99 ${p99.toFixed(1)} ms`)
    return { size, perSecond, p99 }
  } finally {
    await library.stop()
  }
}

/** Throughput and latency by the maximum group size. */
export const groups: Part = {
  name: 'groups',
  about: 'throughput and latency against the size of a group (chart)',
  run: (bench) =>
    onLibrary(bench, 'groups', {}, async (_, { url }) => {
      const points: Point[] = []
      for (const size of bench.settings.groupSizes) points.push(await measure(bench, url, size))
      const chart = { x: 'commands in a group, at most', logarithmic: true } as const
      return {
        charts: [
          {
            ...chart,
            name: 'group-size',
            title: 'Issues of one hot coupon a second, 512 callers',
            y: '/s',
            lines: [{ name: 'issues', points: points.map(({ size, perSecond }) => [size, perSecond] as const) }],
          },
          {
            ...chart,
            name: 'group-latency',
            title: 'p99 of 512 callers by the size of a group',
            y: 'ms',
            lines: [{ name: 'p99', points: points.map(({ size, p99 }) => [size, p99] as const) }],
          },
        ],
      }
    }),
}
