import { describe, expect, test } from 'vitest'
import { looks, type Suite } from '../support/suite.js'
import type { Visit } from '../support/visit.js'

/** The form that changes a balance. */
const formOf = ({ page, words }: Visit) => {
  const { balances, reason, reference, optional } = words.books
  return {
    amount: page.getByLabel(balances.amount),
    lastDay: page.getByLabel(`${balances.lastDay} (${optional})`),
    reason: page.getByLabel(`${reason} (${optional})`),
    neededReason: page.getByLabel(reason, { exact: true }),
    reference: page.getByLabel(`${reference} (${optional})`),
    choose: (kind: keyof typeof balances.actions) => page.getByLabel(balances.actions[kind], { exact: true }).check(),
  }
}

/** What an administrator does with balances. */
export const balancesJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    const { userId } = look

    test('an administrator looks a user up and grants bonus money, once for each reference', () =>
      operating(look, 'balances', async (visit) => {
        const { page, words } = visit
        const { balances, places, find, replayed } = words.books
        const form = formOf(visit)
        const grant = async (won: number) => {
          await form.amount.fill(String(won))
          await form.lastDay.fill('2099-12-31')
          await form.reason.fill('Welcome')
          await form.reference.fill(`campaign/${userId}`)
          await visit.button(balances.do.grant(`₩${won.toLocaleString('en')}`)).click()
        }
        await visit.heading(places.balances)
        await visit.expectAccessible()
        await page.getByLabel(balances.user).fill(userId)
        await visit.button(find).click()
        await page.getByText('₩500,000', { exact: true }).first().waitFor()
        await form.amount.fill('2,000')
        await page.getByText(balances.preview('₩500,000', '₩502,000')).waitFor()
        await grant(2_000)
        await visit.says(balances.done.now('₩502,000'))
        await visit.says(look.language === 'ko' ? '2099. 12. 31.까지' : 'until 31 Dec 2099')
        await expect.poll(() => page.locator('.entries .fresh').textContent()).toContain(`campaign/${userId}`)
        await visit.expectAccessible()
        await grant(2_000)
        await visit.says(replayed)
        await grant(3_000)
        await visit.says(
          look.language === 'ko' ? '이미 다른 요청에 사용된 참조 번호입니다.' : 'This reference was already used',
        )
        await visit.expectAccessible()
        expect(await suite.served.shop.balance.get({ userId })).toMatchObject({
          balance: 502_000,
          bonus: [{ amount: 2_000, expiresAt: new Date(2100, 0, 1).toISOString() }],
        })
        await visit.go('operations/balances/nobody-yet')
        await page.getByText(balances.noWallet('nobody-yet')).waitFor()
        await visit.expectAccessible()
      }))

    test('an administrator withdraws, adjusts and charges', async () => {
      const { balance } = suite.served.shop
      const other = `other-${userId}`
      await balance.charge({ userId: other, amount: 50_000 })
      await balance.grant({ userId: other, amount: 2_000 })
      await operating(look, `balances/${other}`, async (visit) => {
        const { page, words } = visit
        const { balances, advice } = words.books
        const form = formOf(visit)
        await form.choose('withdraw')
        await form.amount.fill('50001')
        await visit.button(balances.do.withdraw('₩50,001')).click()
        await visit.says(advice.available('₩50,000', '₩50,001'))
        await visit.expectAccessible()
        await visit.button(balances.all('₩50,000')).click()
        await form.reason.fill('Paid out')
        await visit.button(balances.do.withdraw('₩50,000')).click()
        await visit.says(balances.done.now('₩2,000'))

        await form.choose('charge')
        await form.amount.fill('9000')
        await form.reference.fill(`bank/${userId}`)
        await visit.button(balances.do.charge('₩9,000')).click()
        await visit.says(balances.done.now('₩11,000'))

        await form.choose('adjust')
        await page.getByLabel(balances.directions.take).check()
        await form.amount.fill('1000')
        await visit.button(balances.do.adjust('−₩1,000')).click()
        expect(await page.evaluate('document.activeElement.validity.valueMissing')).toBe(true)
        await form.neededReason.fill('Charged twice')
        await visit.expectAccessible()
        await visit.button(balances.do.adjust('−₩1,000')).click()
        await visit.says(balances.done.now('₩10,000'))
      })
      const { items } = await balance.history({ userId: other, limit: 3 })
      expect(items).toMatchObject([
        { kind: 'adjustment', amount: -1_000, reason: 'Charged twice' },
        { kind: 'charge', amount: 9_000, reference: `bank/${userId}` },
        { kind: 'withdrawal', amount: -50_000, reason: 'Paid out' },
      ])
    })

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
