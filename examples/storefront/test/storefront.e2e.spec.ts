import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { currencyJourney } from './journeys/currency.js'
import { dropJourney } from './journeys/drop.js'
import { labJourney } from './journeys/lab.js'
import { saleJourney } from './journeys/sale.js'
import { goods, looks, useSuite } from './support/suite.js'

// Each journey has a server of its own, so that no journey sees what another one has done.
describe('a drop', () => dropJourney(useSuite()))
describe('a shop with a currency', () => currencyJourney(useSuite('memory', 'USD')))
describe('a sale', () => saleJourney(useSuite()))
describe('the lab', () => labJourney(useSuite('postgres'), useSuite()))

const suite = useSuite()
const { visiting } = suite

describe.each(looks)('in $language, on a $device, $scheme', (look) => {
  const names = goods[look.language]

  test('a visitor finds products by page and by name, and opens one', () =>
    visiting(look, async (visit) => {
      const { page, words } = visit
      await visit.heading(words.places.products)
      await visit.says(words.products.found(21))
      await expect.poll(() => page.locator('.product').count()).toBe(12)
      await visit.expectAccessible()
      await visit.button(words.products.next).click()
      await page.getByText(words.products.page(2, 2)).waitFor()
      await page.getByRole('searchbox').fill(names.lamp)
      await visit.says(words.products.found(1))
      await page.getByRole('searchbox').fill('zzz')
      await visit.says(words.products.nothing('zzz'))
      await page.getByRole('searchbox').fill(names.lamp)
      await page.getByRole('link', { name: names.lamp }).click()
      await visit.heading(names.lamp)
      const { stock } = await suite.served.shop.products.get({ productId: 'demo-lamp' })
      await page.getByText(words.products.stock(stock)).waitFor()
      expect(await page.title()).toBe(`${names.lamp} · ${words.title}`)
      await visit.expectAccessible()
    }))

  test('a user signs in, claims a coupon, orders two products with it, and pays', () =>
    visiting(look, async (visit) => {
      const { page, words } = visit
      await visit.button(words.sign.in).first().click()
      await visit.expectAccessible()
      await page.keyboard.press('Escape')
      await visit.signIn(look.person)
      await visit.go('coupons')
      await visit.button(`${words.coupons.claim}: ${names.coupon}`).click()
      await visit.says(words.coupons.claimed(names.coupon))
      await page.locator('.coupon', { hasText: names.coupon }).getByText(words.drops.yours).waitFor()
      expect(await visit.button(`${words.coupons.claim}: ${names.coupon}`).count()).toBe(0)
      await page.getByText(words.coupons.status.issued, { exact: true }).waitFor()
      await visit.expectAccessible()
      for (const [id, name] of [
        ['demo-lamp', names.lamp],
        ['demo-tea', names.tea],
      ] as const) {
        await visit.go(`products/${id}`)
        await visit.heading(name)
        await visit.button(words.products.add).click()
        await visit.says(words.products.added(name))
      }
      await visit.go('basket')
      await visit.button(`${words.products.moreOf}: ${names.tea}`).click()
      await page.getByLabel(words.basket.coupon).selectOption({ index: 1 })
      await page.getByText('₩28,750', { exact: true }).waitFor()
      await visit.expectAccessible()
      await visit.button(words.basket.order).click()
      await visit.says(words.orders.placed)
      await visit.expectAccessible()
      await visit.button(words.orders.pay('₩28,750')).click()
      await visit.says(words.orders.paid('₩471,250'))
      await page.getByText(words.orders.status.paid).last().waitFor()
      await visit.go('wallet')
      await page.getByRole('cell', { name: '−₩28,750' }).waitFor()
      await visit.expectAccessible()
    }))

  test('refusals are explained, with advice', () =>
    visiting(look, async (visit) => {
      const { page, words } = visit
      await visit.signIn(look.person)
      await visit.go('wallet')
      await page.getByLabel(words.wallet.amount).fill('-5')
      await visit.button(words.wallet.do).click()
      await visit.says(look.language === 'ko' ? '₩1부터 ₩1,000,000까지' : 'Choose ₩1 to ₩1,000,000.')
      await visit.button('₩10,000').click()
      await visit.button(words.wallet.do).click()
      await visit.says(words.wallet.charged('₩10,000'))

      await visit.go('products/demo-monitor')
      await visit.heading(names.monitor)
      await visit.button(`${words.products.moreOf}: ${names.monitor}`).click()
      await visit.button(words.products.add).click()
      await visit.go('basket')
      await visit.button(words.basket.order).click()
      await visit.button(words.orders.pay('₩578,000')).click()
      await visit.says(look.language === 'ko' ? '₩96,750 이상 충전' : 'Charge at least ₩96,750')
      await visit.button(words.orders.cancel).click()
      await visit.says(words.orders.cancelled)

      await visit.go('products/demo-last-one')
      await visit.heading(names.figure)
      for (const step of [words.products.less, words.products.moreOf]) {
        expect(await visit.button(`${step}: ${names.figure}`).getAttribute('aria-disabled')).toBe('true')
      }
      await visit.button(words.products.add).click()
      await visit.go('basket')
      // Somebody else orders it meanwhile.
      const { orderId } = await suite.served.shop.orders.place({
        userId: 'demo-sora',
        products: [{ productId: 'demo-last-one', quantity: 1 }],
      })
      await visit.button(words.basket.order).click()
      await visit.says(look.language === 'ko' ? '재고가 모두 팔렸습니다.' : 'It is sold out.')
      await suite.served.shop.orders.cancel({ orderId })
      await visit.expectAccessible()
    }))

  test('the administrator runs the audit and redelivers a dead event', () =>
    visiting(look, async (visit) => {
      const { page, words } = visit
      const { operations } = words
      await visit.go('operations')
      await visit.expectAccessible()
      await visit.button(operations.become).click()
      await page.getByText(operations.allHold).waitFor()
      await visit.button(operations.refresh).click()
      await page.getByRole('cell', { name: names.tea }).waitFor()
      await page.getByRole('img', { name: new RegExp(operations.charts.requests) }).waitFor()
      await visit.expectAccessible()
      const { dead } = await suite.served.shop.outbox.counts()
      expect(dead).toBeGreaterThan(0)
      suite.served.openPlatform()
      await page
        .getByRole('button', { name: new RegExp(operations.redeliver) })
        .first()
        .click()
      await visit.says(operations.redelivered)
      await expect.poll(async () => (await suite.served.shop.outbox.counts()).dead).toBe(dead - 1)
      await page
        .locator('.tally div')
        .filter({ has: page.getByText(operations.counts.dead, { exact: true }) })
        .getByText(String(dead - 1), { exact: true })
        .waitFor()
      await visit.go('')
      await page
        .getByRole('listitem')
        .filter({ hasText: words.products.sold(2) })
        .first()
        .waitFor()
    }))
})

test.each(['nowhere', 'products/a/b', 'operations/nowhere', 'products/demo-nothing', 'drops/demo-nothing'])(
  '#/%s leads nowhere, and the page says so',
  (address) =>
    visiting(looks[0], async (visit) => {
      const { words } = visit
      await visit.go(address)
      const { notFound } = words.drops
      await visit.heading(address.includes('demo-') ? notFound.product : notFound.title)
      await visit.expectAccessible()
      await visit.link(notFound.home).click()
      await visit.heading(words.places.products)
    }),
)

test('language and appearance can be changed and are saved', () =>
  visiting(looks[0], async (visit) => {
    const { page, words } = visit
    await visit.button(`${words.settings.theme}: ${words.settings.themes.auto}`).click()
    await visit.button(`${words.settings.theme}: ${words.settings.themes.light}`).click()
    await visit.button('한국어').click()
    await page.reload()
    await visit.heading('상품')
    const root = 'document.documentElement'
    expect(await page.evaluate(`[${root}.lang, ${root}.dataset.theme, getComputedStyle(${root}).colorScheme]`)).toEqual(
      ['ko', 'dark', 'dark'],
    )
    await visit.expectAccessible()
  }))

test('every action works from the keyboard', () =>
  visiting(looks[0], async (visit) => {
    const { page, words } = visit
    await visit.heading(words.places.products)
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent')
    await page.keyboard.press('Tab')
    await expect.poll(focused).toBe(words.skip)
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe(words.places.products)
    await visit.button(words.sign.in).first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Sora' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await visit.button(words.sign.as('Sora')).waitFor()
    await visit.link(words.places.coupons).focus()
    await page.keyboard.press('Enter')
    await visit.heading(words.places.coupons)
    await expect.poll(focused).toBe(words.places.coupons)
  }))

test('an expired session asks the user to sign in again', () =>
  visiting(looks[0], async (visit) => {
    const { page, words } = visit
    await visit.signIn('Sora')
    const forged = JSON.stringify({ userId: 'demo-sora', isAdministrator: false, token: 'forged' })
    await page.evaluate(`sessionStorage.setItem('shop-session', '${forged}')`)
    await page.reload()
    await visit.go('orders')
    await page.getByText(words.sign.needed).waitFor()
  }))

test.each([
  ['docs', '.opblock-summary-path'],
  ['docs/problems', 'dt code'],
])('/%s complies with its Content-Security-Policy, which allows nothing inline', (place, part) =>
  visiting(looks[0], async (visit) => {
    const { page } = visit
    const answer = await page.goto(`${suite.served.url}${place}`)
    expect(answer?.headers()['content-security-policy']).not.toContain('unsafe')
    await page.locator(part).first().waitFor()
    if (place === 'docs') {
      await page.locator('.opblock').first().click()
      await page.locator('.opblock-body').first().waitFor()
    }
  }),
)

test('the page is small: under 150 kB, all files together, compressed', () => {
  const folder = fileURLToPath(new URL('../../../packages/server-express/dist/page', import.meta.url))
  // A browser takes either a file or its compressed copy.
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?!br$)\w+$/.test(name))
  const sizes = files.map((name) => gzipSync(readFileSync(join(folder, name))).length)
  expect(files.length).toBeGreaterThan(2)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
})
