import { guard, placeOrder, sumDemand } from '@shop/core/commands'

/** The products of the series. Each has a purchase limit of its own: the shop counts purchases only of products with one. */
export const series: readonly string[] = ['poster-red', 'poster-green', 'poster-blue']

const isPoster = ({ productId }: { readonly productId: string }): boolean => series.includes(productId)

/**
 * One poster of the series a person, in open and paid orders together. It needs more rows than the order itself: all posters,
 * and what the user has bought of them.
 */
export const onePoster = guard(placeOrder, {
  refusals: ['ONE_POSTER_ONLY'],
  needs: ({ userId, products }) =>
    products.some(isPoster) ? { lock: { products: series }, read: { buyers: [userId] } } : {},
  refuse(facts, { userId, products }) {
    const requested = sumDemand(products.filter(isPoster)).reduce((sum, { quantity }) => sum + quantity, 0)
    if (requested === 0) return undefined
    const bought = series
      .filter((productId) => facts.product(productId))
      .reduce((sum, productId) => sum + facts.purchased(userId, productId), 0)
    return bought + requested > 1 ? { code: 'ONE_POSTER_ONLY', bought, requested } : undefined
  },
})
