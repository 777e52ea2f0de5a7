/** A measured figure. */
export interface Row {
  readonly what: string
  /** As it is shown. */
  readonly value: string
  /** What it should be, as it is shown. */
  readonly goal?: string
  /** Whether the goal is met. Undefined without a goal. */
  readonly met?: boolean
}

export const atMost = (what: string, value: number, limit: number, show: (value: number) => string): Row => ({
  what,
  value: show(value),
  goal: `≤ ${show(limit)}`,
  met: value <= limit,
})

export const atLeast = (what: string, value: number, limit: number, show: (value: number) => string): Row => ({
  what,
  value: show(value),
  goal: `≥ ${show(limit)}`,
  met: value >= limit,
})

export const times = (value: number): string => `${value.toFixed(2)}×`

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`

export const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`

/** Whether the row meets its goal, in a word. Empty if it has none. */
export const verdict = ({ met }: Row): string => (met === undefined ? '' : met ? 'met' : 'missed')
