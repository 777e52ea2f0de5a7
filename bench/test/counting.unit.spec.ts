import { describe, expect, test } from 'vitest'
import { type Counted, countedBetween, describeCounted, medianOf } from '../src/figures/counting.js'

const before = {
  inserted: 100,
  pages: 1_000,
  pagesRead: 10,
  logBytes: 5_000,
  pageImages: 2,
  fileBytes: 80_000,
  checkpoint: '0/10',
  vacuums: 3,
  analyses: 4,
}

const turn: Counted = {
  node: 20.04,
  postgres: 130.4,
  upkeep: 1.2,
  pages: 5,
  pagesRead: 0.25,
  logBytes: 400,
  pageImages: 0,
  fileBytes: 120,
  checkpoints: 0,
  vacuums: 0,
  analyses: 0,
}

describe('what Postgres counts in a turn', () => {
  test('is divided by the commands, or by the rows that were reported with it', () => {
    const after = { ...before, inserted: 150, pages: 1_250, pageImages: 12, logBytes: 45_000, fileBytes: 96_000 }
    expect(countedBetween(before, { ...after, checkpoint: '0/20', vacuums: 5 }, 80)).toEqual({
      pages: 5,
      pagesRead: 0,
      logBytes: 500,
      pageImages: 0.2,
      fileBytes: 200,
      checkpoints: 1,
      vacuums: 2,
      analyses: 0,
    })
  })

  test('is one line, with what happened meanwhile only if it happened', () => {
    const costs =
      'Node 20.0 µs, Postgres 130 µs and 1.2 µs of upkeep, 5.0 pages (0.250 read), 400 B of log, 0.000 page images'
    expect(describeCounted(turn)).toBe(`${costs}, files grow by 120 B`)
    expect(describeCounted({ ...turn, checkpoints: 1, vacuums: 2, analyses: 1 })).toBe(
      `${costs}, files grow by 120 B; 1 checkpoint, 2 vacuums, 1 analyze`,
    )
    expect(describeCounted({ ...turn, node: Number.NaN, postgres: Number.NaN })).toMatch(/^5\.0 pages/)
  })

  test('has a median for each number', () => {
    expect(medianOf([turn, { ...turn, pages: 9, vacuums: 1 }, { ...turn, pages: 6 }])).toEqual({ ...turn, pages: 6 })
  })
})
