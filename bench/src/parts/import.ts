import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop, type ImportReport } from '@shop/core'
import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import type { Note, Series } from '../results.js'
import type { Part } from './part.js'

/** Users with a balance, as the lines of a file. */
function* fileOf(round: number, count: number): Generator<string> {
  for (let number = 0; number < count; number += 1) {
    yield `{"type":"user","userId":"import-${round}-${number}","balance":${number}}`
  }
}

const notesOf = ({ name, samples, processor = [] }: Series): Note => {
  const cost = processor.length > 0 ? `, ${median(processor).toFixed(1)} µs of processor time each` : ''
  return { what: name, value: `${Math.round(median(samples)).toLocaleString('en')} lines/s${cost}` }
}

/** Imports into a database with users, products and coupons: new lines, and the same lines again. */
export const importing: Part = {
  name: 'import',
  about: 'imports of users with a balance, for the first time and again',
  async run({ settings, seeds, show }) {
    const database = await seeds.shop('import')
    const knex = knexConnection(database.url)
    const shop = createShop({ store: knexStore(knex) })
    const memory: number[] = []
    let round = 0
    const timed = async (isDone: (report: ImportReport) => boolean) => {
      const began = performance.now()
      const onProgress = () => memory.push(process.memoryUsage().rss / 1e6)
      const report = await shop.import(fileOf(round, settings.orders), { audit: false, onProgress })
      if (!isDone(report)) throw new Error(`an import counted ${JSON.stringify(report)}`)
      return { figure: settings.orders / ((performance.now() - began) / 1_000), count: settings.orders }
    }
    try {
      const series = await inTurn(
        [
          {
            name: 'lines that are new',
            unit: '/s',
            turn() {
              round += 1
              return timed(({ imported }) => imported === settings.orders)
            },
          },
          {
            name: 'the same lines again',
            unit: '/s',
            turn: () => timed(({ skipped }) => skipped === settings.orders),
          },
        ],
        settings.rounds,
        show,
      )
      const report = await shop.audit()
      if (!report.ok) throw new Error(`an import broke ${JSON.stringify(report.violations)}`)
      const tenth = Math.ceil(memory.length / 10)
      const [early, late] = [memory.slice(0, tenth), memory.slice(-tenth)].map((some) => Math.round(median(some)))
      return {
        series,
        notes: [
          ...series.map(notesOf),
          { what: 'memory in the first and the last tenth', value: `${early} and ${late} MB` },
        ],
      }
    } finally {
      await shop.close()
      await knex.destroy()
      await database.drop()
    }
  },
}
