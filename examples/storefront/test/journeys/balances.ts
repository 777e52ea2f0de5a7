import { describe, expect, test } from 'vitest'
import { looks, type Suite } from '../support/suite.js'

/** What an administrator does with balances. */
export const balancesJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const { userId } = look
    test('an administrator looks a user up, and grants, withdraws, adjusts and charges', () =>
      operating(look, 'balances', async (visit) => {
        const { page, words } = visit
        const { balances, reason, reference, optional, find, replayed } = words.books
        const texts = balances
        const reasonField = page.getByLabel(`${reason} (${optional})`)
        const referenceField = page.getByLabel(`${reference} (${optional})`)
        const amount = page.getByLabel(texts.amount)
        const choose = (kind: keyof typeof texts.actions) =>
          page.getByLabel(texts.actions[kind], { exact: true }).check()
        await visit.heading(words.books.places.balances)
        await visit.expectAccessible()
        await page.getByLabel(texts.user).fill(userId)
        await visit.button(find).click()
        await page.getByText('₩500,000', { exact: true }).first().waitFor()

        await amount.fill('2,000')
        await page.getByLabel(`${texts.lastDay} (${optional})`).fill('2099-12-31')
        await reasonField.fill('Welcome')
        await referenceField.fill(`campaign/${userId}`)
        await page.getByText(texts.preview('₩500,000', '₩502,000')).waitFor()
        await visit.button(texts.do.grant('₩2,000')).click()
        await visit.says(texts.done.now('₩502,000'))
        await visit.says(look.language === 'ko' ? '2099. 12. 31.까지' : 'until 31 Dec 2099')
        await page.getByText(`campaign/${userId}`).waitFor()
        await visit.expectAccessible()

        // The same reference again: first with the same request, then with another one.
        const repeat = async (won: string) => {
          await amount.fill(won)
          await page.getByLabel(`${texts.lastDay} (${optional})`).fill('2099-12-31')
          await reasonField.fill('Welcome')
          await referenceField.fill(`campaign/${userId}`)
          await visit.button(texts.do.grant(`₩${Number(won).toLocaleString('en')}`)).click()
        }
        await repeat('2000')
        await visit.says(replayed)
        await repeat('3000')
        await visit.says(
          look.language === 'ko' ? '이미 다른 요청에 사용된 참조 번호입니다.' : 'This reference was already used',
        )
        await visit.expectAccessible()

        await choose('withdraw')
        await amount.fill('500001')
        await visit.button(texts.do.withdraw('₩500,001')).click()
        await visit.says(words.books.advice.available('₩500,000', '₩500,001'))
        await visit.button(texts.all('₩500,000')).click()
        await amount.fill('40000')
        await reasonField.fill('Paid out')
        await visit.button(texts.do.withdraw('₩40,000')).click()
        await visit.says(texts.done.now('₩462,000'))

        await choose('adjust')
        await page.getByLabel(texts.directions.take).check()
        await amount.fill('1000')
        await visit.button(texts.do.adjust('-₩1,000')).click()
        expect(await page.evaluate('document.activeElement.validity.valueMissing')).toBe(true)
        await page.getByLabel(reason, { exact: true }).fill('Charged twice')
        await visit.expectAccessible()
        await visit.button(texts.do.adjust('-₩1,000')).click()
        await visit.says(texts.done.now('₩461,000'))

        await choose('charge')
        await amount.fill('39000')
        await referenceField.fill(`bank/${userId}`)
        await visit.button(texts.do.charge('₩39,000')).click()
        await visit.says(texts.done.now('₩500,000'))
        await expect.poll(() => page.locator('.entries .fresh').textContent()).toContain(`bank/${userId}`)
        const { items } = await suite.served.shop.balance.history({ userId, limit: 4 })
        expect(items.map(({ kind, amount, reason }) => [kind, amount, reason])).toEqual([
          ['charge', 39_000, undefined],
          ['adjustment', -1_000, 'Charged twice'],
          ['withdrawal', -40_000, 'Paid out'],
          ['grant', 2_000, 'Welcome'],
        ])

        await visit.go('operations/balances/nobody-yet')
        await page.getByText(texts.noWallet('nobody-yet')).waitFor()
        await visit.expectAccessible()
      }))

    test('entries of all users are found by kind and by reference, page by page', () =>
      operating(look, 'entries', async (visit) => {
        const { page, words } = visit
        const { entries, reference, find } = words.books
        const rows = page.locator('.entries tbody tr')
        const { balance } = suite.served.shop
        for (let made = 0; made < 21; made += 1) await balance.charge({ userId: 'many-charges', amount: 10 })
        await balance.withdraw({ userId: 'many-charges', amount: 10, reason: 'Paid out' })
        await balance.grant({ userId, amount: 10, reference: `gift/${userId}` })
        await page.reload()
        await expect.poll(() => rows.count()).toBe(20)
        await visit.expectAccessible()
        await visit.button(words.common.more).click()
        await expect.poll(() => rows.count()).toBeGreaterThan(20)
        await page.getByLabel(entries.kind).selectOption('withdrawal')
        await expect.poll(() => rows.filter({ hasNotText: words.wallet.kind.withdrawal }).count()).toBe(0)
        await rows.filter({ hasText: 'Paid out' }).first().waitFor()
        await page.getByLabel(reference, { exact: true }).fill(`gift/${userId}`)
        await visit.button(find).click()
        await page.getByText(entries.none).waitFor()
        await visit.expectAccessible()
        await page.getByLabel(entries.kind).selectOption('grant')
        await expect.poll(() => rows.count()).toBe(1)
        await rows.getByRole('link', { name: userId }).click()
        await visit.heading(words.books.places.balances)
        await page.goBack()
        await expect.poll(() => rows.count()).toBe(1)
      }))
  })
  test('a grant whose answers get lost is done once', () =>
    operating(looks[0], 'balances/demo-sora', async (visit) => {
      const { page, words } = visit
      const { balances, replayed, advice } = words.books
      await page.getByLabel(balances.amount).fill('700')
      await visit.loseAnswers('**/api/admin/balance/grant')
      await visit.button(balances.do.grant('₩700')).click()
      await visit.says(advice.retry)
      await page.unroute('**/api/admin/balance/grant')
      await visit.button(balances.do.grant('₩700')).click()
      await visit.says(replayed)
      expect(await suite.served.shop.balance.get({ userId: 'demo-sora' })).toMatchObject({ balance: 500_700 })
    }))

  test('the work with money is done from the keyboard', () =>
    operating(looks[0], '', async (visit) => {
      const { page, words } = visit
      const { balances, places } = words.books
      await visit.link(places.balances).focus()
      await page.keyboard.press('Enter')
      await visit.heading(places.balances)
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(places.balances)
      await page.keyboard.press('Tab')
      await page.keyboard.type('demo-sora')
      await page.keyboard.press('Enter')
      await page.getByText(balances.change).waitFor()
      await page.getByLabel(balances.actions.grant, { exact: true }).focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Tab')
      await page.keyboard.type('300')
      await page.keyboard.press('Enter')
      await visit.says(balances.done.withdraw('₩300'))
    }))
}
