import { expect, test } from 'vitest'
import { lawIds } from '../../src/words/laws.js'
import { looks, type Suite } from '../support/suite.js'
import type { Visit } from '../support/visit.js'

/** Opens the lab with a small plan: 20 units for 120 buyers, 60 at once. */
const openLab = async (visit: Visit): Promise<void> => {
  const { page, words } = visit
  const { fields } = words.lab
  await visit.go('lab')
  // Without what the first screen did before: `expectStill` judges the lab alone.
  await page.reload()
  await visit.heading(words.areas.lab)
  await page.getByLabel(fields.quantity, { exact: true }).fill('20')
  await page.getByLabel(fields.buyers, { exact: true }).fill('120')
  await page.getByLabel(fields.concurrency, { exact: true }).fill('60')
}

/** The figures of a run: sold, oversold, turned away, milliseconds. */
const figuresOf = async ({ page, words }: Visit, mode: keyof Visit['words']['lab']['modes']) => {
  const texts = await page
    .getByRole('listitem', { name: words.lab.modes[mode] })
    .locator('.result-figure b')
    .allInnerTexts()
  return texts.map((text) => Number(text.replaceAll(',', '')))
}

/** A sale commits hundreds of transactions one by one: how long that takes depends on the machine. */
const saleMs = 60_000
const slow = { timeout: 2 * saleMs }

/** Starts a sale after another one, whose "Done" is gone then. */
const begins = async (visit: Visit, name: string): Promise<void> => {
  await visit.button(name).click()
  await visit.page.getByRole('status').getByText(visit.words.lab.states.done).waitFor({ state: 'hidden' })
}

const finishes = async ({ page, words }: Visit): Promise<void> => {
  await page.getByRole('status').getByText(words.lab.states.done).waitFor({ timeout: saleMs })
}

const unfold = async ({ page }: Visit): Promise<void> => {
  for (const summary of await page.locator('main summary').all()) await summary.click()
}

/** `onPostgres` can run every mode, `inMemory` cannot. */
export const labJourney = (onPostgres: Suite, inMemory: Suite): void => {
  test.each(looks)('three shops sell, and the naive one oversells (%o)', slow, (look) =>
    onPostgres.visiting(look, async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await page.getByText(lab.lesson.title).waitFor()
      await visit.expectAccessible()
      await visit.button(lab.experiments.shops.start).click()
      await finishes(visit)
      for (const mode of ['grouped', 'one-by-one'] as const) {
        expect((await figuresOf(visit, mode)).slice(0, 3)).toEqual([20, 0, 100])
      }
      const [sold = 0, oversold, refused] = await figuresOf(visit, 'naive')
      expect(sold).toBeGreaterThan(20)
      expect([oversold, refused]).toEqual([sold - 20, 120 - sold])
      await page.getByText(lab.how.naive('10')).waitFor()
      const sides = page.getByRole('region', { name: lab.compare })
      await sides.getByText(lab.soldUnit, { exact: true }).waitFor()
      await sides.getByText(lab.speedUnit, { exact: true }).waitFor()
      await sides.getByText(lab.overHttpLater).waitFor()
      await visit.expectStill()
      await visit.expectAccessible()

      await unfold(visit)
      const laws = page.getByRole('region', { name: lab.laws })
      await expect.poll(() => laws.getByText(lab.holds, { exact: true }).count()).toBe(7 + lawIds.length)
      await laws.getByText('₩2,400,000').waitFor()
      await expect.poll(() => page.locator('.time-chart').count()).toBe(3)
      await visit.expectAccessible()
    }),
  )

  test('the same sale over HTTP has a number of its own, beside that inside the server', slow, () =>
    onPostgres.visiting(looks[0], async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await visit.button(lab.experiments.http.start).click()
      await finishes(visit)
      expect((await figuresOf(visit, 'http')).slice(0, 3)).toEqual([20, 0, 100])
      await page.getByText(lab.where.http('60')).waitFor()
      const sides = page.getByRole('region', { name: lab.compare })
      expect(await sides.getByText(lab.modes.grouped).count()).toBe(0)
      await begins(visit, lab.experiments.shops.start)
      await finishes(visit)
      for (const each of Object.values(lab.modes).slice(0, 4)) await sides.getByText(each).first().waitFor()
      await sides.getByText(/^Inside the server [\d,.]+ per second, over HTTP [\d,.]+\.$/).waitFor()

      await page.getByLabel(lab.fields.quantity, { exact: true }).fill('21')
      await begins(visit, lab.experiments.http.start)
      await finishes(visit)
      await expect.poll(() => sides.getByText(lab.modes.grouped).count()).toBe(0)
    }),
  )

  test.each(looks)('two servers sell one stock, and the sum is exact (%o)', slow, (look) =>
    onPostgres.visiting(look, async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await page.getByLabel(lab.fields.kinds.coupons).check()
      await visit.button(lab.experiments.race.start).click()
      await finishes(visit)
      const race = page.getByRole('region', { name: lab.race.title })
      const [first = 0, second = 0] = (await race.locator('.figure').allInnerTexts()).map(Number)
      expect([first > 0, second > 0, first + second]).toEqual([true, true, 20])
      await race.getByText(lab.race.sum(String(first), String(second), '20')).waitFor()
      await race.getByText(lab.race.exact).waitFor()
      await visit.expectAccessible()
    }),
  )

  test('without Postgres the lab says what it cannot run, and runs the rest', slow, () =>
    inMemory.visiting(looks[0], async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await page.getByText(lab.impossible.shops).waitFor()
      await page.getByText(lab.impossible.race).waitFor()
      expect(await visit.button(lab.experiments.race.start).isDisabled()).toBe(true)
      await visit.button(lab.experiments.shops.start).click()
      await finishes(visit)
      expect((await figuresOf(visit, 'one-by-one')).slice(0, 3)).toEqual([20, 0, 100])
      expect(await page.getByRole('listitem', { name: lab.modes.naive }).count()).toBe(0)
      await visit.expectStill()
    }),
  )

  test.each(looks)('a sale that fails says so, promises nothing, and can be started again (%o)', slow, (look) =>
    inMemory.visiting(look, async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await page.route('**/api/demo/rushes/*', async (route) => {
        const response = await route.fetch()
        const rush = await response.json()
        const failed = { ...rush, state: 'failed', proofs: [], laws: [] }
        await route.fulfill({ response, json: rush.state === 'done' ? failed : rush })
      })
      await visit.button(lab.experiments.shops.start).click()
      await page.getByRole('status').getByText(lab.states.failed).waitFor({ timeout: saleMs })
      await page.getByText(lab.failedHint).waitFor()
      await page.getByText(lab.lawsUnchecked).waitFor()
      expect(await page.locator('.mark-sign').count()).toBe(0)
      expect(await visit.button(lab.experiments.shops.start).isEnabled()).toBe(true)
      await visit.expectAccessible()
    }),
  )

  test('a rush that can no longer be followed counts as failed', () =>
    inMemory.visiting(looks[0], async (visit) => {
      const { page, words } = visit
      await openLab(visit)
      await page.route('**/api/demo/rushes/*', (route) => route.fulfill({ status: 404, json: { code: 'NOT_FOUND' } }))
      await visit.button(words.lab.experiments.shops.start).click()
      await visit.says(words.lab.states.failed)
      expect(await visit.button(words.lab.experiments.shops.start).isEnabled()).toBe(true)
    }))

  test('a sale that may not start is explained, and leaves the page as it was', () =>
    inMemory.visiting(looks[0], async (visit) => {
      const { page, words } = visit
      const { lab } = words
      await openLab(visit)
      await page.route('**/api/demo/rushes', (route) => route.fulfill({ status: 403, json: { code: 'FORBIDDEN' } }))
      await visit.button(lab.experiments.shops.start).click()
      await page.locator('.notice.bad').waitFor()
      await page.getByText(lab.lesson.title).waitFor()
      expect(await page.locator('.result').count()).toBe(0)
      expect(await visit.button(lab.experiments.shops.start).isEnabled()).toBe(true)
    }))
}
