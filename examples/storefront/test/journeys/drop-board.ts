import { describe, expect, test } from 'vitest'
import { looks, type Suite } from '../support/suite.js'

const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000)

/** How an administrator follows drops. */
export const dropBoardJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    test('drops show their stock and what they have sold as it changes, and open and close at once', async () => {
      const { products, orders, payments } = suite.served.shop
      const { userId, language } = look
      const [runs, comes] = [`runs-${language}`, `comes-${language}`]
      await products.create({
        productId: runs,
        name: runs,
        price: 500,
        stock: 40,
        opensAt: hours(-0.001),
        purchaseLimit: 5,
      })
      await products.create({
        productId: comes,
        name: comes,
        price: 500,
        stock: 9,
        opensAt: hours(30),
        closesAt: hours(40),
      })
      await operating(look, 'drops', async (visit) => {
        const { page, words } = visit
        const texts = words.catalog.drops
        const card = (name: string) => page.locator('.drop-row').filter({ hasText: name })
        const figures = () => card(runs).locator('.figure').allTextContents()
        await expect.poll(figures).toEqual(['40', '0'])
        await card(comes).getByText(texts.opensIn).waitFor()
        await card(comes).getByText(words.drops.days(1)).waitFor()
        await visit.expectAccessible()
        const { orderId } = await orders.place({ userId, products: [{ productId: runs, quantity: 3 }] })
        await expect.poll(figures).toEqual(['37', '0'])
        await payments.pay({ userId, orderId })
        await expect.poll(figures, { timeout: 10_000 }).toEqual(['37', '3'])

        await visit.button(`${texts.closeNow}: ${runs}`).click()
        await visit.says(texts.closed(runs))
        await expect.poll(() => card(runs).count()).toBe(0)
        expect(Date.parse((await products.find({ productId: runs })).closesAt ?? '')).toBeLessThanOrEqual(Date.now())
        await visit.expectAccessible()
        await visit.button(words.catalog.undo).click()
        await visit.says(words.catalog.undone)
        await card(runs).getByText(texts.openEnded).waitFor()
        expect((await products.find({ productId: runs })).closesAt).toBeUndefined()

        await visit.button(`${texts.openNow}: ${comes}`).click()
        await visit.says(texts.opened(comes))
        await card(comes).getByText(texts.closesIn).waitFor()
        await orders.place({ userId, products: [{ productId: comes, quantity: 1 }] })
        await page.getByRole('link', { name: `${words.catalog.edit}: ${comes}` }).click()
        await visit.heading(comes)
      })
    })

    test('without a drop, the place says how to make one; without a server, that its numbers are old', () =>
      operating(look, 'drops', async (visit) => {
        const { page, words } = visit
        const texts = words.catalog.drops
        await page.route('**/api/drops', (route) => route.fulfill({ json: { now: new Date(), products: [] } }))
        await page.getByRole('heading', { name: texts.none }).waitFor()
        await visit.expectAccessible()
        visit.expectLosses()
        await page.unroute('**/api/drops')
        await page.route('**/api/drops', (route) => route.abort())
        // The client tries again for some seconds before it gives up.
        await page.getByText(texts.stale).waitFor({ timeout: 25_000 })
        await visit.expectAccessible()
      }))
  })
}
