export interface Scale {
  at(value: number): number
  readonly ticks: readonly number[]
}

export interface ScaleOptions {
  readonly values: readonly number[]
  /** Positions of the two ends, in the picture. */
  readonly from: number
  readonly to: number
  /** Ticks at each value, or at round numbers. */
  readonly ticks: 'values' | 'round'
  readonly logarithmic: boolean
}

/** A step of 1, 2 or 5 times a power of ten, for about five ticks. */
const stepFor = (most: number): number => {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power
}

const roundTicks = (most: number): number[] => {
  if (!(most > 0)) return [0]
  const step = stepFor(most)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}

/** Keeps about ten values, so that labels do not overlap. */
const thinned = (values: readonly number[]): number[] => {
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  const every = Math.ceil(distinct.length / 10)
  return distinct.filter((_, index) => index % every === 0)
}

export const scaleFor = ({ values, from, to, ticks: which, logarithmic }: ScaleOptions): Scale => {
  const ticks = which === 'round' ? roundTicks(Math.max(0, ...values)) : thinned(values)
  const place = (value: number) => (logarithmic ? Math.log(value) : value)
  const all = [...values, ...ticks].map(place)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  return { ticks, at: (value) => from + ((place(value) - least) / (most - least || 1)) * (to - from) }
}
