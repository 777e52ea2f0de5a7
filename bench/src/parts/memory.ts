import { median } from '../figures/statistics.js'
import { productId } from '../stage/seed.js'
import { onHttp } from './on-http.js'
import type { Bench, Part } from './part.js'

const turnsOfLoad = 30

/** Memory in megabytes after each turn, and around the end of the first tenth and in the last tenth. */
const sampled = async (
  bench: Bench,
  memory: () => Promise<number>,
  turn: (ms: number, index: number) => Promise<unknown>,
) => {
  const { memorySeconds } = bench.settings
  const samples: number[] = []
  const ms = (memorySeconds / turnsOfLoad) * 1_000
  const x = (index: number) => Math.round(((index + 1) * memorySeconds) / turnsOfLoad)
  for (let index = 0; index < turnsOfLoad; index += 1) {
    await turn(ms, index)
    samples.push(await memory())
    bench.show(`${x(index)} s: ${Math.round(samples.at(-1) ?? 0)} MB`)
  }
  return {
    early: { name: 'after a tenth', unit: ' MB', samples: samples.slice(2, 4) },
    late: { name: 'in the last tenth', unit: ' MB', samples: samples.slice(-3) },
    points: samples.map((each, index) => [x(index), each] as const),
  }
}

/** Goal 15e: whether the memory of the server grows with watchers that come and go. */
export const liveMemory: Part = {
  name: 'live',
  about: 'memory of the server under 1,000 watchers that come and go (goal 15e)',
  run: (bench) =>
    onHttp(bench, { policies: { order: { pendingPerUser: null } } }, async ({ servers: [server], load, churn }) => {
      const { watchers } = bench.settings
      if (!server) throw new Error('no server was started')
      const { early, late, points } = await sampled(bench, server.memory, (ms) =>
        Promise.all([
          churn(productId(1), { watchers, ms }),
          // Their product is bought, so that they have something to see.
          load({ scenario: 'order-and-pay', ports: [server.port], connections: 4, ms }),
        ]),
      )
      return {
        findings: [{ goal: '15e', value: median(late.samples) / median(early.samples), ours: late, against: early }],
        charts: [
          {
            name: 'live-memory',
            title: `Resident memory of the server, ${watchers} watchers that come and go`,
            x: 'seconds',
            y: 'MB',
            lines: [{ name: 'the server', points }],
          },
        ],
      }
    }),
}

/** Goal 12: whether the memory of the server grows under sustained load. */
export const memory: Part = {
  name: 'memory',
  about: 'memory of the server under a long load (goal 12)',
  run: (bench) =>
    onHttp(bench, {}, async ({ servers: [server], load }) => {
      if (!server) throw new Error('no server was started')
      const { early, late, points } = await sampled(bench, server.memory, (ms, index) =>
        load({ scenario: index % 2 === 0 ? 'issue' : 'charge', ports: [server.port], ms }),
      )
      return {
        findings: [
          { goal: '12a', value: median(late.samples) / median(early.samples), ours: late, against: early },
          { goal: '12b', value: median(late.samples), ours: late },
        ],
        charts: [
          {
            name: 'memory',
            title: 'Resident memory of the server, 64 connections issuing and charging',
            x: 'seconds',
            y: 'MB',
            lines: [{ name: 'the server', points }],
          },
        ],
      }
    }),
}
