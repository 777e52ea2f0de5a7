import { describe, expect, test } from 'vitest'
import { goods, looks, type Suite } from '../support/suite.js'

/** 5,000 off orders from 20,000. */
const couponId = 'demo-welcome'

/** A paid order of 3 teas and 1 lamp, 72,500 less 5,000. */
const paidOrder = async ({ served: { shop } }: Suite, userId: string, reference: string): Promise<string> => {
  const products = [
    { productId: 'demo-tea', quantity: 3 },
    { productId: 'demo-lamp', quantity: 1 },
  ]
  const { orderId } = await shop.orders.place({ userId, products, couponId, reference })
  await shop.payments.pay({ userId, orderId })
  return orderId
}

/** What a shopper sees of the money, and how an administrator pays it back. */
export const ordersJourney = (suite: Suite): void => {
  const { visiting, operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const { userId, person } = look
    const names = goods[look.language]
    test('the shop shows bonus money apart, and quotes the basket before it is ordered', () =>
      visiting(look, async (visit) => {
        const { page, words } = visit
        const { balance, coupons } = suite.served.shop
        await balance.grant({ userId, amount: 2_000, expiresAt: new Date(2100, 0, 1), reason: 'Welcome' })
        await coupons.issue({ userId, couponId })
        await visit.signIn(person)
        const inHeader = page.getByRole('banner').getByRole('link', { name: '₩502,000' })
        await inHeader
          .getByText(words.wallet.ofItBonusUntil('₩2,000', look.language === 'ko' ? '2099. 12. 31.' : '31 Dec 2099'), {
            exact: true,
          })
          .waitFor()
        await inHeader.click()
        await visit.heading(words.places.wallet)
        await page.getByRole('cell', { name: words.wallet.kind.grant }).waitFor()
        await visit.expectAccessible()

        await visit.go('products/demo-tea')
        await visit.heading(names.tea)
        await visit.button(words.products.add).click()
        await visit.go('basket')
        await page.getByText(words.basket.suffices('₩502,000')).waitFor()
        await page.getByLabel(words.basket.coupon).selectOption(couponId)
        await page.getByText(words.basket.couponProblem.COUPON_MINIMUM_NOT_MET).waitFor()
        await visit.expectAccessible()
        await visit.button(`${words.products.moreOf}: ${names.tea}`).click()
        await page.getByText('₩25,000', { exact: true }).waitFor()
        await visit.expectAccessible()
        await visit.go('products/demo-monitor')
        await visit.heading(names.monitor)
        await visit.button(`${words.products.moreOf}: ${names.monitor}`).click()
        await visit.button(words.products.add).click()
        await visit.go('basket')
        await page.getByText(words.basket.short('₩502,000', '₩106,000')).waitFor()
        await visit.expectAccessible()
        await page.getByRole('link', { name: words.wallet.do }).click()
        await visit.heading(words.places.wallet)
      }))

    test('an administrator finds an order by its reference, and refunds a part of it and then the rest', async () => {
      const reference = `web/${userId}`
      const orderId = await paidOrder(suite, userId, reference)
      await operating(look, 'orders', async (visit) => {
        const { page, words } = visit
        const { orders, find, reason, optional } = words.books
        await page.getByLabel(orders.by).selectOption('reference')
        await page.getByLabel(orders.bys.reference, { exact: true }).fill(reference)
        await visit.button(find).click()
        await page.getByText(`${orders.bys.reference}: ${reference}`).waitFor()
        await page.getByRole('link', { name: userId }).waitFor()
        await visit.expectAccessible()
        await page.locator('.orders-table td a').first().click()
        await page.locator('.refund-lines').getByText(names.tea).waitFor()
        await page.getByText(orders.choose).waitFor()
        await visit.expectAccessible()

        await visit.button(`${words.products.moreOf}: ${names.tea}`).click()
        await page.getByLabel(orders.restocks.off).check()
        await page.getByLabel(`${reason} (${optional})`).fill('Dented')
        await page.getByText(orders.comesBack('₩13,965')).waitFor()
        await visit.expectAccessible()
        await visit.button(orders.doPart(1)).click()
        await visit.says(orders.done('₩13,965', `${names.tea} × 1`))
        await page.getByText('Dented').waitFor()
        await page.getByText(orders.remains).waitFor()
        expect((await suite.served.shop.orders.get({ orderId })).refunds).toMatchObject([
          { amount: 13_965, restocked: false, reason: 'Dented', lines: [{ productId: 'demo-tea', quantity: 1 }] },
        ])

        // Somebody else refunds a unit meanwhile.
        await visit.button(orders.allLeft).click()
        await visit.button(`${words.products.less}: ${names.lamp}`).click()
        await suite.served.shop.orders.refund({ orderId, lines: [{ productId: 'demo-tea', quantity: 1 }] })
        await visit.button(orders.doPart(2)).click()
        await visit.says(words.books.advice.tooMuch('demo-tea', 2, 1))

        // What remains would miss the coupon's minimum: then it depends on a policy of the shop.
        await visit.button(orders.nothing).click()
        await visit.button(`${words.products.moreOf}: ${names.lamp}`).click()
        await page.getByText(orders.comesBackOr('₩25,603', '₩24,569', '₩20,000')).waitFor()
        await visit.expectAccessible()

        await visit.button(orders.allLeft).click()
        await visit.button(orders.doAll).click()
        await visit.says(orders.done('₩39,569', `${names.tea} × 1, ${names.lamp} × 1`))
        await page.getByText(orders.over).waitFor()
        await page.locator('.chip.refunded').waitFor()
        await visit.expectAccessible()
        expect(await suite.served.shop.orders.get({ orderId })).toMatchObject({
          status: 'refunded',
          refundedAmount: 67_500,
        })
      })
      await visiting(look, async (visit) => {
        const { page, words } = visit
        await visit.signIn(person)
        await visit.go('orders')
        await page.getByRole('heading', { name: words.orders.refunds }).waitFor()
        await page.getByText('Dented').waitFor()
        await visit.expectAccessible()
      })
    })
  })
}
