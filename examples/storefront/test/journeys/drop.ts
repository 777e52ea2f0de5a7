import { describe, expect, test } from 'vitest'
import { FakeDrop } from '../support/fake-drop.js'
import { goods, looks, type Suite } from '../support/suite.js'
import type { Visit } from '../support/visit.js'

const place = 'drops/demo-drop-1'

/** What a buyer sees of a drop, from before its opening to its end. */
export const dropJourney = (suite: Suite): void => {
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const names = goods[look.language]
    const { person } = look

    /** A visit of the drop page of this drop, by a user who has signed in. */
    const visiting = (drop: FakeDrop, work: (visit: Visit) => Promise<void>): Promise<void> =>
      suite.visiting(
        look,
        async (visit) => {
          await visit.signIn(person)
          await visit.go(place)
          await visit.heading(names.sneakers)
          await work(visit)
        },
        (page) => drop.answer(page),
      )
    const stage = ({ page }: Visit, text: string) => page.locator('.stage-label', { hasText: text })

    test('the button works from the second of the opening, by the clock of the server', async () => {
      const drop = new FakeDrop({ stock: 38 })
      drop.aheadMs = -7_200_000
      drop.product.opensAt = drop.at(60_000)
      await visiting(drop, async (visit) => {
        const { page, words } = visit
        const button = visit.button(words.drops.button.get)
        await stage(visit, words.drops.stage.waiting).waitFor()
        await page.getByText(words.drops.limit(1)).waitFor()
        await page.getByText(words.drops.left('38', '50')).waitFor()
        await page.getByText(words.drops.live, { exact: true }).waitFor()
        await expect.poll(() => page.getByRole('timer').textContent()).toMatch(/^00:5\d$/)
        expect(await button.getAttribute('aria-disabled')).toBe('true')
        await button.click({ force: true })
        expect(drop.keys).toEqual([])
        await visit.expectAccessible()

        drop.product.opensAt = drop.at(3_000)
        await expect.poll(() => button.getAttribute('aria-disabled'), { timeout: 8_000 }).toBe('false')
        expect(Date.parse(drop.at(0))).toBeGreaterThanOrEqual(Date.parse(drop.product.opensAt))
        expect(Date.parse(drop.at(0)) - Date.parse(drop.product.opensAt)).toBeLessThan(1_000)
        await stage(visit, words.drops.stage.open).waitFor()
        await visit.expectAccessible()
        await visit.expectStill()
      })
    })

    test('a unit is held until its deadline, and paid or given back', async () => {
      const drop = new FakeDrop()
      await visiting(drop, async (visit) => {
        const { page, words } = visit
        const { drops, orders } = words
        await visit.button(drops.button.get).click()
        await visit.says(drops.result.held)
        await stage(visit, drops.stage.held).waitFor()
        await expect.poll(() => page.getByRole('timer').textContent()).toMatch(/^(10:00|09:5\d)$/)
        await page.getByText(drops.left('49', '50')).waitFor()
        await visit.expectAccessible()

        await visit.button(drops.button.cancel).click()
        await visit.says(drops.result.cancelled)
        await visit.button(drops.button.get).click()
        await visit.says(drops.result.held)
        await visit.button(orders.pay('₩120,000')).click()
        await visit.says(drops.result.bought('₩120,000'))
        await stage(visit, drops.stage.yours).waitFor()
        await visit.link(drops.orders).waitFor()
        await visit.expectAccessible()
      })
    })

    test('a hold that ends unpaid is told, and the next try is a new one', async () => {
      const drop = new FakeDrop()
      drop.holdMs = 2_000
      await visiting(drop, async (visit) => {
        const { words } = visit
        await visit.button(words.drops.button.get).click()
        await stage(visit, words.drops.stage.held).waitFor()
        await visit.says(words.drops.result.expired)
        await visit.expectAccessible()
        drop.holdMs = 600_000
        await visit.button(words.drops.button.get).click()
        await visit.says(words.drops.result.held)
        expect(new Set(drop.keys).size).toBe(2)
      })
    })

    test('each try has a key of its own, and each refusal is explained', async () => {
      const drop = new FakeDrop()
      const requestId = 'request'
      const { productId } = drop.product
      const opensAt = drop.at(3_600_000)
      const pairs = [
        ['PRODUCT_NOT_ON_SALE', { products: [{ productId, opensAt, closesAt: null }] }, /Not open yet|아직 오픈 전/],
        [
          'STOCK_INSUFFICIENT',
          { lines: [{ productId, requested: 1, available: 0 }] },
          /others were faster|먼저 구매해/,
        ],
        ['TOO_MANY_PENDING_ORDERS', { limit: 20 }, /20 unpaid orders|주문이 20건/],
        ['BALANCE_INSUFFICIENT', { balance: 0, required: 5_000 }, /Charge at least ₩5,000|₩5,000 이상 충전/],
        [
          'PURCHASE_LIMIT_EXCEEDED',
          { lines: [{ productId, limit: 1, bought: 1, requested: 1 }] },
          /already have yours|이미 구매했습니다/,
        ],
      ] as const
      await visiting(drop, async (visit) => {
        const { words } = visit
        for (const [code, facts, text] of pairs) {
          drop.refuse(409, code, { requestId, ...facts })
          await visit.button(words.drops.button.get).click()
          await visit.says(text)
        }
        await visit.expectAccessible()
        await stage(visit, words.drops.stage.yours).waitFor()
        expect(new Set(drop.keys).size).toBe(pairs.length)
      })
    })

    test('stock that comes back reopens a drop that is sold out, and its end closes it', async () => {
      const drop = new FakeDrop({ stock: 0 })
      await visiting(drop, async (visit) => {
        const { page, words } = visit
        await stage(visit, words.drops.stage['sold-out']).waitFor()
        await visit.button(words.drops.stage['sold-out']).waitFor()
        await visit.expectAccessible()
        drop.product.stock = 2
        await page.getByText(words.drops.left('2', '50')).waitFor()
        await visit.button(words.drops.button.get).waitFor()
        drop.product.closesAt = drop.at(2_000)
        await stage(visit, words.drops.stage.closesIn).waitFor()
        await stage(visit, words.drops.stage.closed).waitFor()
        await visit.link(words.drops.all).waitFor()
        await visit.expectAccessible()
        await visit.expectStill()
        drop.others.push({
          ...drop.product,
          productId: 'demo-drop-2',
          opensAt: drop.at(60_000),
          closesAt: drop.at(90_000),
        })
        await page.reload()
        await visit.link(words.drops.nextRound).click()
        await expect.poll(() => page.url()).toMatch(/#\/drops\/demo-drop-2$/)
      })
    })

    test('a balance that is too small is said before the opening, and charged in place', async () => {
      const drop = new FakeDrop({ price: 520_000 })
      drop.product.opensAt = drop.at(3_600_000)
      await visiting(drop, async (visit) => {
        const { page, words } = visit
        await page.getByText(words.basket.short('₩500,000', '₩20,000')).waitFor()
        await visit.expectAccessible()
        await visit.button(words.drops.charge('₩20,000')).click()
        await visit.says(words.drops.result.charged('₩20,000'))
        await page.getByRole('banner').getByText('₩520,000').waitFor()
      })
    })

    test('without a stream the page asks by itself, and says when it cannot', async () => {
      const drop = new FakeDrop({ stock: 9 })
      await visiting(drop, async (visit) => {
        const { page, words } = visit
        await page.getByText(words.drops.live, { exact: true }).waitFor()
        visit.expectLosses()
        drop.hasStream = false
        drop.product.stock = 8
        await page.getByText(words.drops.left('8', '50')).waitFor()
        expect(await page.getByText(words.drops.live, { exact: true }).count()).toBe(0)
        drop.isReachable = false
        await page.getByText(words.drops.hint.offline).waitFor()
        await page.getByText(words.drops.offline, { exact: true }).waitFor()
        await visit.expectAccessible()
        drop.isReachable = true
        drop.hasStream = true
        await page.getByText(words.drops.live, { exact: true }).waitFor()
        await visit.expectStill()
      })
    })

    test('a visitor sees the drop first in the shop, and signs in on its page', () => {
      const drop = new FakeDrop()
      drop.product.opensAt = drop.at(90_000)
      return suite.visiting(
        look,
        async (visit) => {
          const { page, words } = visit
          await page.getByRole('heading', { name: words.drops.next }).waitFor()
          await page.getByRole('heading', { name: words.drops.popular }).waitFor()
          await visit.expectStill()
          await visit.link(words.drops.all).or(visit.link(words.places.drops)).first().click()
          await visit.heading(words.places.drops)
          await visit.expectAccessible()
          await page.getByRole('link', { name: names.sneakers }).click()
          await visit.heading(names.sneakers)
          await visit.button(words.drops.button.signIn).click()
          await page.getByRole('dialog').getByRole('button', { name: person }).click()
          await visit.button(words.drops.button.get).waitFor()
        },
        (page) => drop.answer(page),
      )
    })
  })
}
