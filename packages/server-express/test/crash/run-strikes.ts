import type { Moment } from '@shop/test-support/wire-proxy'
import { type Point, type Result, runPoint, statementsOf } from './campaign.js'
import type { Scenario } from './scenarios/scenario.js'
import type { Stage } from './stage.js'
import type { Strike } from './strikes.js'

/** Every point, or a fixed few of each kind. */
export const isFull = process.env['SHOP_CRASH'] === 'full'

export interface Row {
  readonly scenario: string
  readonly strike: string
  points: number
  retries: number
  readonly violations: string[]
}

type Series = Omit<Point, 'nth'>

const seriesOf = (scenario: Scenario, strike: Strike): Series[] => [
  ...strike.moments.map((moment): Series => ({ scenario, strike, moment, of: 'statements' })),
  ...strike.momentsOfCommits.map((moment): Series => ({ scenario, strike, moment, of: 'commits' })),
]

/** With concurrent callers the number of statements varies: the end is where two points in a row lie beyond it. */
const missesAtEnd = 2

async function* everyPoint(stage: Stage, series: readonly Series[]): AsyncGenerator<[Point, Result]> {
  for (const each of series) {
    for (let nth = 1, misses = 0; misses < missesAtEnd; nth += 1) {
      const point = { ...each, nth }
      const result = await runPoint(stage, point)
      misses = result.wasHit ? 0 : misses + 1
      yield [point, result]
    }
  }
}

/** One commit, at another moment from scenario to scenario, and where there is time a statement somewhere before it. */
async function* fewPoints(
  stage: Stage,
  { scenario, strike, turn, isBrief }: { scenario: Scenario; strike: Strike; turn: number; isBrief: boolean },
): AsyncGenerator<[Point, Result]> {
  const all: readonly Moment[] = [...strike.moments, ...strike.momentsOfCommits]
  const at = (list: readonly Moment[]) => list[turn % list.length] as Moment
  const points: Point[] = [{ scenario, strike, moment: at(all), of: 'commits', nth: 1 }]
  if (!isBrief) {
    const statements = await statementsOf(stage, scenario)
    const nth = 1 + (turn % Math.max(1, statements.indexOf('commit')))
    points.push({ scenario, strike, moment: at(strike.moments), of: 'statements', nth })
  }
  for (const point of points) yield [point, await runPoint(stage, point)]
}

/** Strikes at the points of one scenario, and writes down what came of it. */
export const runStrikes = async (
  stage: Stage,
  { scenario, strike, turn, isBrief }: { scenario: Scenario; strike: Strike; turn: number; isBrief: boolean },
): Promise<Row> => {
  const row: Row = { scenario: scenario.name, strike: strike.name, points: 0, retries: 0, violations: [] }
  await stage.listening()
  const points = isFull
    ? everyPoint(stage, seriesOf(scenario, strike))
    : fewPoints(stage, { scenario, strike, turn, isBrief })
  for await (const [{ moment, of, nth }, { wasHit, retries, violations }] of points) {
    if (wasHit) row.points += 1
    row.retries += retries
    row.violations.push(...violations.map((each) => `${moment} ${nth} of the ${of}: ${each}`))
  }
  return row
}

export const tableOf = (rows: readonly Row[]): string =>
  [
    '| scenario | strike | points | requests repeated | violations |',
    '|---|---|---|---|---|',
    ...rows.map((row) =>
      ['', row.scenario, row.strike, row.points, row.retries, row.violations.length, ''].join(' | ').trim(),
    ),
  ].join('\n')
