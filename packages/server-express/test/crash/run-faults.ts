import type { Moment } from '@shop/test-support/wire-proxy'
import { type FaultPoint, type PointResult, runPoint, statementsOf } from './campaign.js'
import type { Fault } from './faults.js'
import type { Scenario } from './scenarios/scenario.js'
import type { TestSystem } from './test-system.js'

/** Every point, or a fixed sample of each kind. */
export const isFull = process.env['SHOP_CRASH'] === 'full'

export interface Row {
  readonly scenario: string
  readonly fault: string
  points: number
  retries: number
  readonly violations: string[]
}

type Series = Omit<FaultPoint, 'nth'>

const seriesOf = (scenario: Scenario, fault: Fault): Series[] => [
  ...fault.moments.map((moment): Series => ({ scenario, fault, moment, of: 'statements' })),
  ...fault.momentsOfCommits.map((moment): Series => ({ scenario, fault, moment, of: 'commits' })),
]

/**
 * With concurrent callers the number of statements varies. The end is reached when two consecutive points lie
 * beyond it.
 */
const missesAtEnd = 2

async function* everyPoint(system: TestSystem, series: readonly Series[]): AsyncGenerator<[FaultPoint, PointResult]> {
  for (const each of series) {
    for (let nth = 1, misses = 0; misses < missesAtEnd; nth += 1) {
      const point = { ...each, nth }
      const result = await runPoint(system, point)
      misses = result.wasHit ? 0 : misses + 1
      yield [point, result]
    }
  }
}

/** One commit, at a different moment for each scenario, and if time allows one statement before it. */
async function* fewPoints(
  system: TestSystem,
  { scenario, fault, turn, isBrief }: { scenario: Scenario; fault: Fault; turn: number; isBrief: boolean },
): AsyncGenerator<[FaultPoint, PointResult]> {
  const all: readonly Moment[] = [...fault.moments, ...fault.momentsOfCommits]
  const at = (list: readonly Moment[]) => list[turn % list.length] as Moment
  const points: FaultPoint[] = [{ scenario, fault, moment: at(all), of: 'commits', nth: 1 }]
  if (!isBrief) {
    const statements = await statementsOf(system, scenario)
    const nth = 1 + (turn % Math.max(1, statements.indexOf('commit')))
    points.push({ scenario, fault, moment: at(fault.moments), of: 'statements', nth })
  }
  for (const point of points) yield [point, await runPoint(system, point)]
}

/** Injects a fault at each point of one scenario, and records the results. */
export const runFaults = async (
  system: TestSystem,
  { scenario, fault, turn, isBrief }: { scenario: Scenario; fault: Fault; turn: number; isBrief: boolean },
): Promise<Row> => {
  const row: Row = { scenario: scenario.name, fault: fault.name, points: 0, retries: 0, violations: [] }
  await system.listening()
  const points = isFull
    ? everyPoint(system, seriesOf(scenario, fault))
    : fewPoints(system, { scenario, fault, turn, isBrief })
  for await (const [{ moment, of, nth }, { wasHit, retries, violations }] of points) {
    if (wasHit) row.points += 1
    row.retries += retries
    row.violations.push(...violations.map((each) => `${moment} ${nth} of the ${of}: ${each}`))
  }
  return row
}

export const tableOf = (rows: readonly Row[]): string =>
  [
    '| scenario | fault | points | requests repeated | violations |',
    '|---|---|---|---|---|',
    ...rows.map((row) =>
      ['', row.scenario, row.fault, row.points, row.retries, row.violations.length, ''].join(' | ').trim(),
    ),
  ].join('\n')
