import { median } from '../figures/statistics.js'
import { onHttp } from './on-http.js'
import type { Part } from './part.js'

const turnsOfLoad = 30

/** Goal 12: whether the memory of the server grows under sustained load. */
export const memory: Part = {
  name: 'memory',
  about: 'memory of the server under a long load (goal 12)',
  run: (bench) =>
    onHttp(bench, {}, async ({ servers: [server], load }) => {
      if (!server) throw new Error('no server was started')
      const { memorySeconds } = bench.settings
      const samples: number[] = []
      const ms = (memorySeconds / turnsOfLoad) * 1_000
      for (let turn = 0; turn < turnsOfLoad; turn += 1) {
        await load({ scenario: turn % 2 === 0 ? 'issue' : 'charge', ports: [server.port], ms })
        samples.push(await server.memory())
        bench.show(`${Math.round(((turn + 1) * memorySeconds) / turnsOfLoad)} s: ${Math.round(samples.at(-1) ?? 0)} MB`)
      }
      // Around the end of the first tenth, and in the last tenth.
      const early = { name: 'after a tenth', unit: ' MB', samples: samples.slice(2, 4) }
      const late = { name: 'in the last tenth', unit: ' MB', samples: samples.slice(-3) }
      const x = (index: number) => Math.round(((index + 1) * memorySeconds) / turnsOfLoad)
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
            lines: [{ name: 'the server', points: samples.map((each, index) => [x(index), each] as const) }],
          },
        ],
      }
    }),
}
