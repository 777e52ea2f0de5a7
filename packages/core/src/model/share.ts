/**
 * Shares `amount` over weights by largest remainder: exact integers whose sum is `amount`. Ties go to the earlier weight.
 * Weights that are all 0 count as equal.
 */
export const shareOf = (amount: number, weights: readonly number[]): readonly number[] => {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (total === 0n && weights.length > 0) {
    return shareOf(
      amount,
      weights.map(() => 1),
    )
  }
  const parts = weights.map((weight, index) => {
    const exact = BigInt(amount) * BigInt(weight)
    return { index, share: Number(exact / total), remainder: exact % total }
  })
  let rest = amount - parts.reduce((sum, { share }) => sum + share, 0)
  const largestFirst = [...parts].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  )
  const shares = parts.map(({ share }) => share)
  for (const { index, share } of largestFirst) {
    if (rest === 0) break
    shares[index] = share + 1
    rest -= 1
  }
  return shares
}

/**
 * The net amount of each line: its amount less its share of the discount, which the lines with `discountedProductIds` share;
 * all lines if that is null. They add up to the final amount.
 */
export const netAmounts = ({
  lines,
  discountAmount,
  discountedProductIds,
}: {
  readonly lines: readonly { readonly productId: string; readonly amount: number }[]
  readonly discountAmount: number
  readonly discountedProductIds: readonly string[] | null
}): readonly number[] => {
  const amounts = lines.map(({ amount }) => amount)
  if (discountAmount === 0) return amounts
  const isDiscounted = (productId: string) => discountedProductIds === null || discountedProductIds.includes(productId)
  const shares = shareOf(
    discountAmount,
    lines.map(({ productId, amount }) => (isDiscounted(productId) ? amount : 0)),
  )
  return amounts.map((amount, index) => amount - (shares[index] as number))
}
