import { describe, expect, test } from 'vitest'
import { lawIds } from '../../src/words/laws.js'
import { looks, type Suite } from '../support/suite.js'

const checked = {
  wallets: 20_000,
  entries: 1_234_567,
  products: 1,
  coupons: 5,
  issuedCoupons: 12_345,
  orders: 480_000,
}

/** How an administrator reads the audit. */
export const auditJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    test('the audit is one line while every law holds, and unfolds if one is broken', () =>
      operating(look, '', async (visit) => {
        const { page, words } = visit
        const { audit } = words.catalog
        const verdict = page.locator('.verdict-line')
        const laws = page.locator('.audit .proofs > li')
        await visit.says(audit.violations('0', 0))
        const { checked: real } = await suite.served.shop.audit()
        await verdict.getByText(audit.counts.products(String(real.products), real.products)).waitFor()
        expect(await laws.first().isVisible()).toBe(false)
        await page.getByText(audit.laws(lawIds.length)).click()
        expect(await laws.count()).toBe(lawIds.length)
        expect(await laws.first().isVisible()).toBe(true)
        await visit.expectAccessible()

        const violations = [
          { law: 'PURCHASE-LIMIT', subject: 'tea/mina', expected: 'at most 1', actual: 2 },
          ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({ law: 'NEW-LAW', subject: `row-${n}`, expected: 5, actual: n })),
        ]
        await page.route('**/api/admin/audit', (route) =>
          route.fulfill({ json: { ok: false, checkedAt: new Date(), checked, violations } }),
        )
        await visit.button(words.operations.run).click()
        await visit.says(audit.broken(2))
        const text = (await verdict.textContent()) ?? ''
        for (const part of look.language === 'ko'
          ? ['잔액 20,000개', '내역 120만건', '상품 1개', '위반 8건']
          : ['20,000 wallets', '1.2M entries', '1 product,', '8 violations'])
          expect(text).toContain(part)
        expect(await laws.count()).toBe(lawIds.length + 1)
        await laws.first().getByText('tea/mina').waitFor()
        await laws.nth(1).getByText('NEW-LAW').first().waitFor()
        await page.getByText(audit.more(2)).waitFor()
        await visit.expectAccessible()
      }))
  })
}
