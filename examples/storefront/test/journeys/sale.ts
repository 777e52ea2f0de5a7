import { describe, expect, test } from 'vitest'
import { goods, looks, type Suite } from '../support/suite.js'

/** A drop, a sale and a coupon by code, against the real server. */
export const saleJourney = (suite: Suite): void => {
  const { visiting } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const { language, person, userId } = look
    const names = goods[language]

    test('one buyer gets a unit at the opening, sees another one go at once, and pays', async () => {
      const { products, orders, users } = suite.served.shop
      const productId = `jar-${language}`
      const others = ['first', 'second'].map((name) => `${name}-${language}`)
      for (const other of others) await users.register({ userId: other })
      const opensAt = Date.now() + 6_000
      const limited = { productId, name: '달항아리 · Moon jar', price: 10_000, stock: 4, purchaseLimit: 1, opensAt }
      await products.create(limited)
      const buy = (other: string) =>
        orders.place({ userId: other, products: [{ productId, quantity: 1 }] }).catch(({ refusal }) => refusal)
      await visiting(look, async (visit) => {
        const { page, words } = visit
        const { drops } = words
        await visit.signIn(person)
        await visit.go(`drops/${productId}`)
        const button = visit.button(drops.button.get)
        expect(await button.getAttribute('aria-disabled')).toBe('true')
        await page.getByText(drops.live, { exact: true }).waitFor()
        expect(await buy(others[0] ?? '')).toMatchObject({ code: 'PRODUCT_NOT_ON_SALE' })
        await expect.poll(() => button.getAttribute('aria-disabled'), { timeout: 10_000 }).toBe('false')
        await button.click()
        await visit.says(drops.result.held)
        await page.getByText(drops.left('3', '4')).waitFor()
        expect(await buy(others[0] ?? '')).toMatchObject({ status: 'pending' })
        await page.getByText(drops.left('2', '4')).waitFor()
        await visit.button(words.orders.pay('₩10,000')).click()
        await visit.says(drops.result.bought('₩10,000'))
        await page.locator('.stage.yours').waitFor()
        expect(await buy(userId)).toMatchObject({ code: 'PURCHASE_LIMIT_EXCEEDED' })
        expect(await buy(others[1] ?? '')).toMatchObject({ status: 'pending' })
        await page.getByText(drops.left('1', '4')).waitFor()
        await visit.expectAccessible()
      })
    })

    test('a visitor sees a drop on the first screen, and finds the one of the demo', () =>
      visiting(look, async (visit) => {
        const { page, words } = visit
        await page.locator('.next-drop .drop-card').waitFor()
        await visit.expectStill()
        const headings = await page.locator('.first-screen h2').all()
        const [drop = 0, ranking = 1] = await Promise.all(headings.map(async (each) => (await each.boundingBox())?.y))
        if (look.device === 'desktop') expect(ranking).toBe(drop)
        else expect(ranking).toBeGreaterThan(drop)
        await visit.link(words.places.drops).click()
        await visit.heading(words.places.drops)
        await page.locator('.drop-card', { hasText: names.sneakers }).click()
        await visit.heading(names.sneakers)
        await page.locator('.drop-terms').getByText(words.drops.limit(1)).waitFor()
        await visit.button(words.drops.button.signIn).waitFor()
        await visit.expectAccessible()
      }))

    test('the list says of a drop when it opens, or that it is closed', async () => {
      const { products } = suite.served.shop
      const [past, next] = [`past-${language}`, `next-${language}`]
      const opensAt = Date.now() - 7_200_000
      await products.create({ productId: past, name: past, price: 10_000, stock: 3, opensAt, closesAt: opensAt + 1 })
      await products.create({ productId: next, name: next, price: 10_000, stock: 3, opensAt: Date.now() + 90_000_000 })
      await visiting(look, async (visit) => {
        const { page, words } = visit
        const card = (name: string) => page.locator('.product', { hasText: name })
        await card(past).getByText(words.drops.big.closed, { exact: true }).waitFor()
        await card(next)
          .getByText(language === 'ko' ? / 오픈$/ : /^Opens /)
          .waitFor()
        expect(await card(next).getByText(words.products.stock(3)).count()).toBe(0)
      })
    })

    test('a sale shows the regular price struck through, in the list and in the basket', () =>
      visiting(look, async (visit) => {
        const { page, words } = visit
        await visit.go('products/demo-honey')
        await page.locator('.detail').getByText('₩16,800').waitFor()
        await page.locator('.detail s').getByText('₩21,000').waitFor()
        await visit.expectAccessible()
        await visit.button(words.products.add).click()
        await visit.go('basket')
        await page.locator('.lines s').getByText('₩21,000').waitFor()
        await visit.expectAccessible()
      }))

    test('a coupon by its code becomes yours, and a wrong code is explained', () =>
      visiting(look, async (visit) => {
        const { page, words } = visit
        const { code } = words.drops
        await visit.signIn(person)
        await visit.go('coupons')
        await page.getByText(words.drops.forSome).waitFor()
        await page.getByLabel(code.label).fill('NO-SUCH-CODE')
        await visit.button(code.get).click()
        await visit.says(code.unknown)
        await visit.expectAccessible()
        await page.getByLabel(code.label).fill('hello-friend')
        await visit.button(code.get).click()
        await visit.says(words.coupons.claimed(language === 'ko' ? '친구 초대' : 'For friends'))
        await page.getByText(words.coupons.status.issued, { exact: true }).waitFor()
        await visit.expectAccessible()
      }))
  })
}
