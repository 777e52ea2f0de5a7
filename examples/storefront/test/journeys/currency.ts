import { expect, test } from 'vitest'
import type { Suite } from '../support/suite.js'
import { labelled } from '../support/visit.js'

const look = { language: 'en', device: 'desktop', scheme: 'light', currency: 'USD' } as const

/** What people see and type in a shop with a currency. */
export const currencyJourney = (suite: Suite): void => {
  const { visiting, operating } = suite

  test('prices, balances and typed amounts are in the currency of the shop', () =>
    visiting(look, async (visit) => {
      const { page, words } = visit
      const { price } = await suite.served.shop.products.get({ productId: 'demo-lamp' })
      await visit.go('products/demo-lamp')
      const dollars = new Intl.NumberFormat('en-GB', {
        style: 'currency',
        currency: 'USD',
        currencyDisplay: 'narrowSymbol',
      })
      await page
        .getByText(dollars.format(price / 100))
        .first()
        .waitFor()
      await visit.signIn('Mina')
      await visit.go('wallet')
      const before = (await suite.served.shop.balance.get({ userId: 'demo-mina' })).balance
      await page.getByLabel(words.wallet.amount).fill('12.50')
      await visit.button(words.wallet.do).click()
      await visit.says(words.wallet.charged('$12.50'))
      expect((await suite.served.shop.balance.get({ userId: 'demo-mina' })).balance).toBe(before + 1_250)
      await visit.expectAccessible()
    }))

  test('an administrator types a price with its cents, and sees it so', () =>
    operating(look, 'products', async (visit) => {
      const { page, words } = visit
      const texts = words.catalog.products
      const field = (name: keyof typeof texts.fields) =>
        labelled(page.locator('form.editor'), texts.fields[name], words.books.optional)
      await visit.link(texts.add).click()
      await field('name').fill('Card')
      await field('price').fill('1.255')
      await field('stock').fill('5')
      await field('productId').fill('card')
      await visit.button(texts.create).click()
      await page.getByText(texts.rules.price).waitFor()
      await field('price').fill('1.25')
      await visit.button(texts.create).click()
      await visit.says(texts.created('Card'))
      expect(await suite.served.shop.products.find({ productId: 'card' })).toMatchObject({
        price: 125,
        currency: 'USD',
      })
      await expect.poll(() => field('price').inputValue()).toBe('1.25')
    }))
}
