import type { components } from '@shop/server-express/client'

export type Rush = components['schemas']['Rush']
export type RushRun = components['schemas']['RushRun']
export type Mode = RushRun['mode']
export type Plan = Pick<Rush, 'kind' | 'quantity' | 'buyers' | 'concurrency'>

/** What a click starts. */
export type Experiment = 'shops' | 'http' | 'race'

/** The modes of an experiment. The first one is this shop: the verdict is about it. */
export const modesOf: Readonly<Record<Experiment, readonly Mode[]>> = {
  shops: ['grouped', 'one-by-one', 'naive'],
  http: ['http'],
  race: ['two-servers'],
}

/** The order of the bars. The race has small groups, so its speed tells nothing beside the others. */
const compared: readonly Mode[] = ['grouped', 'http', 'one-by-one', 'naive']

export const isOver = ({ state }: Rush): boolean => state === 'done' || state === 'failed'

/** The id of a rush that the server has not answered for yet. */
export const plannedId = 'planned'

/** What a rush looks like before it begins, so that the page takes its shape with the click and not later. */
export const planned = (plan: Plan, modes: readonly Mode[]): Rush => ({
  rushId: plannedId,
  ...plan,
  modes: [...modes],
  state: 'preparing',
  prepared: 0,
  runs: modes.map((mode) => ({
    mode,
    state: 'waiting',
    subjectId: plannedId,
    elapsedMs: 0,
    answered: 0,
    won: 0,
    refused: 0,
    unavailable: 0,
    remaining: plan.quantity,
    sold: null,
    wonByServer: mode === 'two-servers' ? [0, 0] : [0],
    connections: 0,
    answersPerSecond: 0,
    latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
    groups: { count: 0, meanSize: 0, largest: 0 },
    samples: [],
  })),
  proofs: [],
  laws: [],
})

const isSamePlan = (one: Plan, other: Plan): boolean =>
  (['kind', 'quantity', 'buyers', 'concurrency'] as const).every((name) => one[name] === other[name])

/** The latest rush first. Forgets those of another plan: their numbers do not compare. */
export const added = (rushes: readonly Rush[], latest: Rush): readonly Rush[] => [
  latest,
  ...rushes.filter((rush) => rush.rushId !== latest.rushId && isSamePlan(rush, latest)),
]

/** The runs to show side by side: of each mode the latest one. */
export const comparedRuns = (rushes: readonly Rush[]): readonly RushRun[] =>
  compared.flatMap((mode) => {
    const rush = rushes.find((each) => each.modes.includes(mode))
    return rush?.runs.filter((run) => run.mode === mode) ?? []
  })

/** What a run sold: as counted in the database, or until then as told to buyers. */
export const soldIn = ({ sold, won }: RushRun): number => sold ?? won

export const oversoldIn = (run: RushRun, quantity: number): number => Math.max(0, soldIn(run) - quantity)

/** How much of a rush is done, from 0 to 1. */
export const progressOf = ({ state, runs, buyers, prepared }: Rush): number => {
  if (state === 'checking' || isOver({ state } as Rush)) return 1
  const steps = runs.reduce((sum, { answered }) => sum + answered, prepared)
  return steps / (buyers * (runs.length + 1))
}

/** The smallest of 1, 2, 5, 10, 20, … that is not below `value`. */
export const niceCeiling = (value: number): number => {
  if (value <= 1) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5].find((step) => value <= step * unit) ?? 10) * unit
}

/** The powers of ten that a log scale shows: at least from 10 to 100,000, so that it does not jump. */
export const decades = (values: readonly number[]): readonly number[] => {
  const exponents = values.filter((value) => value > 0).map((value) => Math.log10(value))
  const first = Math.floor(Math.min(1, ...exponents))
  const last = Math.ceil(Math.max(5, ...exponents))
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}

/** Where a value lies on a log scale, from 0 to 1. */
export const logPosition = (value: number, scale: readonly number[]): number => {
  const [first = 1, last = 10] = [scale[0], scale.at(-1)]
  if (value <= first) return 0
  return Math.log10(value / first) / Math.log10(last / first)
}
