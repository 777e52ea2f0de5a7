import { describe, expect, test } from 'vitest'
import { goods, looks, type Suite } from '../support/suite.js'
import { labelled } from '../support/visit.js'

/** What an administrator does with coupons. */
export const couponDeskJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const names = goods[look.language]

    test('a coupon for some products gets a code, which is copied, and its quantity and end change', async () => {
      const { coupons } = suite.served.shop
      await operating(look, 'coupons', async (visit) => {
        const { page, words } = visit
        const { catalog } = words
        const texts = catalog.coupons
        const { fields, rules } = texts
        const field = (name: keyof typeof fields) =>
          labelled(page.locator('form.editor'), fields[name], words.books.optional)
        const couponId = `desk-${look.language}`
        await page.getByRole('link', { name: names.coupon }).waitFor()
        await visit.expectAccessible()
        await visit.link(texts.add).click()
        await visit.heading(texts.add)
        await page.getByLabel(texts.kinds.percentage, { exact: true }).check()
        await page.getByLabel(texts.scopes.some, { exact: true }).check()
        await visit.button(texts.create).click()
        const wrong = [rules.name, rules.percent, rules.quantity, rules.validUntil, rules.productIds]
        for (const rule of wrong) await page.getByText(rule, { exact: true }).first().waitFor()
        await visit.says(catalog.wrong(wrong.length))
        await visit.expectAccessible()
        await field('name').fill('Desk')
        await field('percent').fill('15')
        await field('maximum').fill('5,000')
        await field('quantity').fill('40')
        await field('validUntil').fill('2098-01-01T00:00')
        await field('minimumOrderAmount').fill('10000')
        await field('couponId').fill(couponId)
        await visit.button(texts.makeCode).click()
        await page.getByLabel(texts.find).fill(names.tea)
        await visit.button(texts.pick(names.tea)).click()
        await visit.button(texts.drop(names.tea)).waitFor()
        await visit.expectAccessible()
        await visit.button(texts.create).click()
        await visit.says(texts.created('Desk'))
        await visit.expectAccessible()
        const coupon = await coupons.get({ couponId })
        expect(coupon).toMatchObject({
          discount: { kind: 'percentage', percent: 15, maximum: 5_000 },
          quantity: 40,
          minimumOrderAmount: 10_000,
          productIds: ['demo-tea'],
          validUntil: new Date(2098, 0, 1).toISOString(),
        })
        const { code = '' } = coupon
        expect(code).toMatch(/^[A-Z2-9]{5}-[A-Z2-9]{5}$/)
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
        await visit.button(catalog.copy(code)).click()
        await visit.says(catalog.copied)
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(code)

        await coupons.issue({ userId: look.userId, code })
        await coupons.issue({ userId: 'demo-sora', couponId })
        await page.reload()
        await field('quantity').fill('1')
        await visit.button(catalog.save).click()
        await page.getByText(rules.belowIssued('2')).waitFor()
        await visit.expectAccessible()
        await field('quantity').fill('2')
        await field('validUntil').fill('2097-01-01T00:00')
        await visit.button(catalog.save).click()
        await visit.says(catalog.saved)
        await page.getByText(texts.state.gone).waitFor()
        expect(await coupons.get({ couponId })).toMatchObject({ quantity: 2, remaining: 0, issued: 2 })
        await visit.link(`← ${texts.all}`).click()
        await page.getByRole('row', { name: 'Desk' }).getByText(code).waitFor()
      })
    })

    test('a code that is taken is refused, and the form keeps what was typed', async () => {
      const { coupons } = suite.served.shop
      const code = `TAKEN-${look.language}`
      const discount = { kind: 'fixed', amount: 1_000 } as const
      await coupons.create({ name: 'Owner', discount, quantity: 5, validUntil: new Date(2098, 0, 1), code })
      await operating(look, 'coupons?new=yes', async (visit) => {
        const { page, words } = visit
        const { catalog } = words
        const { fields, create } = catalog.coupons
        const field = (name: keyof typeof fields) =>
          labelled(page.locator('form.editor'), fields[name], words.books.optional)
        await field('name').fill('Second')
        await field('amount').fill('500')
        await field('quantity').fill('1')
        await field('validUntil').fill('2098-01-01T00:00')
        await field('code').fill(code.toLowerCase())
        await visit.button(create).click()
        await visit.says(catalog.advice.couponTaken)
        await visit.link(words.books.places.orders).click()
        await page.goBack()
        expect(await field('code').inputValue()).toBe(code.toLowerCase())
      })
    })
  })
}
