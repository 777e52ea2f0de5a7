import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { looks, type Suite } from '../support/suite.js'

const dayAway = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** How an administrator reads the statement. */
export const statementJourney = (suite: Suite): void => {
  const { operating } = suite
  describe.each(looks)('in $language, on a $device, $scheme', (look) => {
    test('the statement adds up, and is downloaded as CSV', () =>
      operating(look, 'statement', async (visit) => {
        const { page, words } = visit
        const { statement } = words.books
        const [from, to] = [dayAway(-1), dayAway(1)]
        const { shop } = suite.served
        const { userId } = look
        const products = [{ productId: 'demo-tea', quantity: 2 }]
        const { orderId } = await shop.orders.place({ userId, products })
        await shop.payments.pay({ userId, orderId })
        await shop.orders.refund({ orderId, lines: [{ productId: 'demo-tea', quantity: 1 }] })
        await visit.heading(words.books.places.statement)
        await page.getByLabel(statement.from, { exact: true }).fill(from)
        await page.getByLabel(statement.to, { exact: true }).fill(to)
        await visit.button(statement.show).click()
        const { opening, closing, movements } = await shop.statement({ from, to })
        const money = (won: number) => `₩${won.toLocaleString('en')}`
        expect(movements.reduce((sum, { amount }) => sum + amount, opening)).toBe(closing)
        await page.getByRole('row', { name: `${statement.closing} ${money(closing)}` }).waitFor()
        const refunds = movements.find(({ kind }) => kind === 'refund')?.amount ?? 0
        await page.getByRole('row', { name: `${words.wallet.kind.refund} +${money(refunds)}` }).waitFor()
        await page.getByRole('row', { name: statement.total }).getByText(money(refunds)).first().waitFor()
        await page.getByRole('row', { name: 'demo-tea' }).waitFor()
        await visit.expectAccessible()
        const downloading = page.waitForEvent('download')
        await visit.button(statement.csv).click()
        const download = await downloading
        const name = `statement-${from}-to-${to}.csv`
        expect(download.suggestedFilename()).toBe(name)
        expect(await readFile(await download.path(), 'utf8')).toContain(`${from},${to},closing,,${closing}\r\n`)
        await visit.says(statement.downloaded(name))

        await page.getByLabel(statement.from, { exact: true }).fill(dayAway(2))
        await visit.button(statement.show).click()
        await page.getByText(look.language === 'ko' ? '잘못된 요청.' : 'The request is malformed').waitFor()
        await visit.expectAccessible()
      }))
  })
}
