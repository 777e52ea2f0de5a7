import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { goods, looks, type Suite } from '../support/suite.js'
import { labelled, type Visit } from '../support/visit.js'

/** The form of a product. */
const formOf = ({ page, words }: Visit) => {
  const { fields } = words.catalog.products
  const { optional } = words.books
  const field = (name: keyof typeof fields): Locator => labelled(page.locator('form.editor'), fields[name], optional)
  return { field, bar: page.locator('.save-bar') }
}

const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000)

/** What an administrator does with products. */
export const catalogJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const names = goods[look.language]

    test('a new product says beside each field what is wrong, and becomes a drop by one button', () =>
      operating(look, 'products', async (visit) => {
        const { page, words } = visit
        const texts = words.catalog.products
        const { field } = formOf(visit)
        const productId = `poster-${look.language}`
        await visit.link(texts.add).click()
        await visit.heading(texts.add)
        await visit.button(texts.create).click()
        for (const rule of [texts.rules.name, texts.rules.price, texts.rules.stock])
          await page.getByText(rule).waitFor()
        await visit.says(words.catalog.wrong(3))
        await expect.poll(() => page.evaluate('document.activeElement.labels[0].textContent')).toBe(texts.fields.name)
        await visit.expectAccessible()
        await field('name').fill('Poster')
        await field('price').fill('40,000')
        await field('stock').fill('50')
        await field('productId').fill('top')
        await page.getByText(texts.rules.productId).waitFor()
        await field('productId').fill('demo-tea')
        await visit.button(texts.drop).click()
        await visit.button(texts.create).click()
        await visit.says(words.catalog.advice.productTaken)
        await field('productId').fill(productId)
        await visit.button(texts.create).click()
        await visit.says(texts.created('Poster'))
        await visit.expectAccessible()
        const product = await suite.served.shop.products.find({ productId })
        expect(product).toMatchObject({ price: 40_000, stock: 50, purchaseLimit: 1, listed: true })
        const opensAt = new Date(product.opensAt ?? 0)
        expect([opensAt.getHours(), opensAt.getMinutes()]).toEqual([12, 0])
        expect(opensAt.getTime()).toBeGreaterThan(Date.now())
        expect(opensAt.getTime()).toBeLessThan(hours(25).getTime())
      }))

    test('edits survive a look elsewhere, and meet those of somebody else', async () => {
      const { products } = suite.served.shop
      const productId = `mug-${look.language}`
      await products.create({ productId, name: 'Mug', price: 9_000, stock: 5, metadata: { shelf: 'A' } })
      await operating(look, `products/${productId}`, async (visit) => {
        const { page, words } = visit
        const { catalog } = words
        const texts = catalog.products
        const { field, bar } = formOf(visit)
        await visit.heading('Mug')
        await bar.getByText(catalog.allSaved).waitFor()
        await field('price').fill('8500')
        await field('purchaseLimit').fill('2')
        await bar.getByText(catalog.unsaved(`${texts.fields.price}, ${texts.fields.purchaseLimit}`)).waitFor()
        await visit.expectAccessible()
        await visit.link(words.books.places.orders).click()
        await visit.heading(words.books.places.orders)
        await visit.go(`operations/products/${productId}`)
        await bar.getByText(catalog.unsaved(`${texts.fields.price}, ${texts.fields.purchaseLimit}`)).waitFor()
        expect(await field('price').inputValue()).toBe('8500')

        await products.update({ productId, name: 'Big mug', price: 9_100, opensAt: hours(-1) })
        await visit.button(catalog.save).click()
        await visit.says(catalog.meanwhile(`${texts.fields.name}, ${texts.fields.opensAt}`))
        await visit.heading('Big mug')
        await visit.expectAccessible()
        const saved = await products.find({ productId })
        expect(saved).toMatchObject({ name: 'Big mug', price: 8_500, purchaseLimit: 2, metadata: { shelf: 'A' } })

        // The page cannot know this price yet: the server refuses, and the field says so.
        await products.update({ productId, price: 7_000 })
        await field('salePrice').fill('7500')
        await field('saleFrom').fill('2098-01-01T12:00')
        await field('saleUntil').fill('2098-01-01T12:00')
        await visit.button(catalog.save).click()
        await page.getByText(texts.rules.saleUntil).waitFor()
        await field('saleUntil').fill('2098-01-02T12:00')
        await visit.button(catalog.save).click()
        await page.getByText(texts.rules.salePrice).waitFor()
        await visit.expectAccessible()
        await field('salePrice').fill('6500')
        await visit.button(catalog.save).click()
        await visit.says(catalog.saved)
        expect((await products.find({ productId })).sale).toEqual({
          price: 6_500,
          from: new Date(2098, 0, 1, 12).toISOString(),
          until: new Date(2098, 0, 2, 12).toISOString(),
        })

        await field('name').fill('Never saved')
        await visit.button(catalog.discard).click()
        expect(await field('name').inputValue()).toBe('Big mug')
        await visit.button(texts.removeSale).click()
        await field('listed').uncheck()
        await visit.button(catalog.save).click()
        await page.getByText(texts.hidden).waitFor()
        const { sale, listed, opensAt } = await products.find({ productId })
        expect([sale, listed, opensAt]).toEqual([undefined, false, saved.opensAt])
      })
    })

    test('stock comes in and is taken out, but not what orders hold', async () => {
      const { products, orders } = suite.served.shop
      const productId = `jar-${look.language}`
      await products.create({ productId, name: 'Jar', price: 1_000, stock: 5 })
      await orders.place({ userId: look.userId, products: [{ productId, quantity: 2 }] })
      await operating(look, `products/${productId}`, async (visit) => {
        const { page, words } = visit
        const texts = words.catalog.products
        const units = page.getByLabel(texts.change, { exact: true })
        await visit.button(texts.doChange).click()
        await page.getByText(texts.changeRule).waitFor()
        await units.fill('7')
        await page.getByText(texts.preview('3', '10')).waitFor()
        await visit.button(texts.doAdd('7')).click()
        await visit.says(texts.changed('10'))
        await page.getByLabel(texts.directions.take, { exact: true }).check()
        await units.fill('11')
        await visit.button(texts.doTake('11')).click()
        await visit.says(words.catalog.advice.free('10'))
        await visit.expectAccessible()
        await units.fill('10')
        await visit.button(texts.doTake('10')).click()
        await visit.says(texts.changed('0'))
      })
      expect((await suite.served.shop.products.find({ productId })).stock).toBe(0)
    })

    test('the list shows every product with its hours, price and limit, and finds by name', async () => {
      const { products } = suite.served.shop
      const productId = `hidden-${look.language}`
      await products.create({ productId, name: `Hidden ${look.language}`, price: 1_000, stock: 0, purchaseLimit: 3 })
      await products.update({ productId, listed: false })
      await operating(look, 'products', async (visit) => {
        const { page, words } = visit
        const texts = words.catalog.products
        const rows = page.locator('.product-table tbody tr')
        await expect.poll(() => rows.count()).toBe(20)
        await visit.expectAccessible()
        await visit.button(words.products.next).click()
        await page.getByText(words.products.page(2, 2)).waitFor()
        await page.getByRole('searchbox').fill(`hidden ${look.language}`)
        await expect.poll(() => rows.count()).toBe(1)
        await rows.getByText(texts.unlisted).waitFor()
        await page.reload()
        await expect.poll(() => rows.count()).toBe(1)
        await page.getByRole('searchbox').fill('zzz')
        await visit.says(texts.none)
        await page.getByRole('searchbox').fill(names.lamp)
        await rows.getByRole('link', { name: names.lamp }).click()
        await visit.heading(names.lamp)
      })
    })
  })

  test('a product is created from the keyboard', () =>
    operating(looks[0], 'products?new=yes', async (visit) => {
      const { page, words } = visit
      const { field } = formOf(visit)
      await field('name').focus()
      for (const text of ['Bowl', '3000', '7']) {
        await page.keyboard.type(text)
        await page.keyboard.press('Tab')
      }
      await page.keyboard.type('bowl')
      await page.keyboard.press('Enter')
      await visit.says(words.catalog.products.created('Bowl'))
      expect(await suite.served.shop.products.find({ productId: 'bowl' })).toMatchObject({ price: 3_000, stock: 7 })
    }))

  test('nothing moves while the places of the operator load', () =>
    operating(looks[0], '', async (visit) => {
      const { page } = visit
      for (const [place, part] of [
        ['', '.verdict-line .mark-sign'],
        ['/products', '.product-table'],
        ['/products/demo-tea', '.save-bar'],
        ['/drops', '.drop-row .figure'],
        ['/coupons', '.coupon-table'],
        ['/coupons/demo-welcome', '.save-bar'],
      ] as const) {
        await visit.go(`operations${place}`)
        await page.reload()
        await page.locator(part).first().waitFor()
        await visit.expectStill()
      }
    }))
}
