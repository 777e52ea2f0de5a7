/**
 * Shares `amount` by largest remainder: everybody gets the whole part of the exact share, and the rest goes, one by one, to
 * whoever is furthest behind; the earlier of two that are equally far behind. All in fractions over the sum of the weights.
 */
export const share = (amount: number, weights: readonly number[]): number[] => {
  const exact = weights.some((weight) => weight !== 0) ? weights.map(BigInt) : weights.map(() => 1n)
  const whole = exact.reduce((sum, each) => sum + each, 0n)
  const given = exact.map((weight) => (BigInt(amount) * weight) / whole)
  for (let rest = BigInt(amount) - given.reduce((sum, each) => sum + each, 0n); rest > 0n; rest -= 1n) {
    let neediest = 0
    let furthest: bigint | undefined
    for (const [index, weight] of exact.entries()) {
      const behind = BigInt(amount) * weight - (given[index] as bigint) * whole
      if (furthest === undefined || behind > furthest) {
        furthest = behind
        neediest = index
      }
    }
    given[neediest] = (given[neediest] as bigint) + 1n
  }
  return given.map(Number)
}

/** The whole won that `units` of `quantity` units have given back, of a line that cost `net`. */
export const backFor = (net: number, units: number, quantity: number): number =>
  Number((BigInt(net) * BigInt(units)) / BigInt(quantity))
