import { describe, it } from 'vitest'
import { refreshRanking } from '../../src/commands/ranking/refresh-ranking.js'
import { payOrder, placeOrder, refundOrder } from '../../src/commands.js'
import { presets } from '../../src/index.js'
import { addDays, rankingWindow } from '../../src/store.js'
import { defaultNow, type Given, given, productOf, walletOf } from '../../src/testing/index.js'

const today = '2025-06-15'
const timeZone = 'Asia/Seoul'
const window = rankingWindow(presets.standard.ranking, defaultNow)
const sale = (productId: string, quantity: number, day = today): Given => ({
  sold: { timeZone, day, productId, quantity },
})
const products = (...ids: readonly string[]) => ids.map((productId) => productOf({ productId }))

describe('refreshing the ranking', () => {
  it('sums every day of the window and stores the list', () => {
    given(...products('p1', 'p2'), sale('p1', 2), sale('p1', 3, '2025-06-13'), sale('p2', 4, '2025-06-14'))
      .when(refreshRanking, { window })
      .thenAccepted({
        products: [
          { productId: 'p1', sold: 5 },
          { productId: 'p2', sold: 4 },
        ],
      })
      .thenChanges({
        rankings: {
          inserted: [
            {
              name: 'popular',
              products: [
                { productId: 'p1', sold: 5, views: 0 },
                { productId: 'p2', sold: 4, views: 0 },
              ],
              from: '2025-06-13',
              to: today,
              asOf: defaultNow,
            },
          ],
        },
      })
      .when(refreshRanking, { window })
      .thenChanges({ rankings: { updated: [{ asOf: defaultNow }] } })
  })

  it('counts no day before or after the window', () => {
    given(...products('p1'), sale('p1', 1, '2025-06-12'), sale('p1', 1, '2025-06-16'))
      .when(refreshRanking, { window })
      .thenAccepted({ products: [] })
  })

  it('counts yesterday but not today under coupon-at-payment', () => {
    given(...products('p1'), sale('p1', 10), sale('p1', 1, '2025-06-14'), sale('p1', 2, '2025-06-12'))
      .under('coupon-at-payment')
      .when(refreshRanking, { window: rankingWindow(presets['coupon-at-payment'].ranking, defaultNow) })
      .thenAccepted({ products: [{ productId: 'p1', sold: 3 }], from: '2025-06-12', to: '2025-06-14' })
  })

  it('finds a product that is sixth every day and first overall', () => {
    const days = [0, 1, 2].map((ago) => addDays(today, -ago))
    const others = days.flatMap((_, day) => [1, 2, 3, 4, 5].map((n) => `day${day}-${n}`))
    const sales = days.flatMap((day, index) => [
      ...others.filter((id) => id.startsWith(`day${index}`)).map((id) => sale(id, 10, day)),
      sale('sixth', 9, day),
    ])
    given(...products('sixth', ...others), ...sales)
      .under('standard', { ranking: { tieBreakers: [] } })
      .when(refreshRanking, { window })
      .thenAccepted({
        products: [
          { productId: 'sixth', sold: 27 },
          { productId: 'day0-1', sold: 10 },
          { productId: 'day0-2', sold: 10 },
          { productId: 'day0-3', sold: 10 },
          { productId: 'day0-4', sold: 10 },
        ],
      })
  })

  it('orders ties by views', () => {
    given(...products('p1', 'p2'), sale('p1', 2), sale('p2', 2), { views: { productId: 'p2', count: 1 } })
      .when(refreshRanking, { window })
      .thenAccepted({
        products: [
          { productId: 'p2', views: 1 },
          { productId: 'p1', views: 0 },
        ],
      })
  })

  it('leaves out unlisted products', () => {
    given(productOf({ listed: false }), ...products('p2'), sale('p1', 9), sale('p2', 1))
      .when(refreshRanking, { window })
      .thenAccepted({ products: [{ productId: 'p2' }] })
  })

  it('counts paid orders, and neither pending nor refunded ones', () => {
    const order = { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }] }
    given(walletOf({ balance: 9_000 }), ...products('p1'))
      .naming('o1')
      .when(placeOrder, order)
      .when(refreshRanking, { window })
      .thenAccepted({ products: [] })
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .when(refreshRanking, { window })
      .thenAccepted({ products: [{ productId: 'p1', sold: 2 }] })
      .when(refundOrder, { orderId: 'o1' })
      .when(refreshRanking, { window })
      .thenAccepted({ products: [] })
  })

  it('subtracts a refund from the day of payment, even days later', () => {
    given(walletOf({ balance: 9_000 }), ...products('p1'), sale('p1', 1, '2025-06-18'))
      .naming('o1')
      .when(placeOrder, { userId: 'u1', products: [{ productId: 'p1', quantity: 2 }] })
      .when(payOrder, { userId: 'u1', orderId: 'o1' })
      .at(defaultNow + 3 * 86_400_000)
      .when(refundOrder, { orderId: 'o1' })
      .when(refreshRanking, { window: { timeZone, from: '2025-06-18', to: '2025-06-18' } })
      .thenAccepted({ products: [{ productId: 'p1', sold: 1 }] })
  })

  it('lists as many as the policy says', () => {
    given(...products('p1', 'p2', 'p3'), sale('p1', 1), sale('p2', 2), sale('p3', 3))
      .under('standard', { ranking: { size: 2 } })
      .when(refreshRanking, { window })
      .thenAccepted({
        products: [
          { productId: 'p3', rank: 1 },
          { productId: 'p2', rank: 2 },
        ],
      })
  })
})

describe('a refresh by a leader', () => {
  const fence = (token: number) => ({ window, fence: { job: 'ranking', token } })

  it('records its token once', () => {
    given()
      .when(refreshRanking, fence(3))
      .thenChanges({ rankings: { inserted: [{}] }, fences: { inserted: [{ job: 'ranking', token: 3 }] } })
      .when(refreshRanking, fence(3))
      .thenChanges({ rankings: { updated: [{}] } })
      .when(refreshRanking, fence(4))
      .thenChanges({ rankings: { updated: [{}] }, fences: { updated: [{ token: 4 }] } })
  })

  it('is refused once a later leader exists', () => {
    given()
      .when(refreshRanking, fence(4))
      .when(refreshRanking, fence(3))
      .thenRefused('LEADERSHIP_LOST', { job: 'ranking' })
  })

  it('ignores the leader of another job', () => {
    given()
      .when(refreshRanking, { window, fence: { job: 'other', token: 9 } })
      .when(refreshRanking, fence(1))
      .thenAccepted()
  })
})
