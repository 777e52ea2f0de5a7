import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { enOf, type Words } from '../../src/words/en.js'
import { koOf } from '../../src/words/ko.js'
import { moneyWords } from '../../src/words/minor-units.js'

export interface Look {
  readonly language: 'en' | 'ko'
  readonly device: 'desktop' | 'phone'
  readonly scheme: 'light' | 'dark'
  /** The currency of the server. @default none */
  readonly currency?: string
}

const viewports = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A page keeps axe until it is loaded again. */
const hasAxe = `'axe' in window`

/** Collects what has moved without an input as the cause. Text that changes within its place has not moved. */
const watchShifts = `window.shifts = []
const rectOf = ({ x, y, width, height }) => [x, y, width, height].map(Math.round)
const shiftOf = ({ node, previousRect, currentRect }) => {
  const [from, to] = [previousRect, currentRect].map((rect) => String(rectOf(rect)))
  return from === to ? [] : [(node?.className || node?.textContent) + ' from ' + from + ' to ' + to]
}
new PerformanceObserver((list) => {
  for (const { hadRecentInput, sources } of list.getEntries()) if (!hadRecentInput) window.shifts.push(...sources.flatMap(shiftOf))
}).observe({ type: 'layout-shift', buffered: true })`

/** The axe violations of the current page, one line each. */
const faultsOf = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ': ' + html + ' ' + any.map(({ message }) => message))))`

/** A field by its label, whether the label says that it is optional or not. */
export const labelled = (within: Locator, label: string, optional: string): Locator =>
  within.getByLabel(label, { exact: true }).or(within.getByLabel(`${label} (${optional})`, { exact: true }))

/** A visitor with one language and one device, who reads the screen or uses a screen reader. */
export class Visit {
  readonly page: Page
  readonly words: Words
  readonly #context: BrowserContext
  readonly #url: string
  readonly #faults: string[] = []
  #losesAnswers = false

  private constructor(context: BrowserContext, page: Page, url: string, { language, currency }: Look) {
    this.#context = context
    this.#url = url
    this.page = page
    this.words = (language === 'ko' ? koOf : enOf)(moneyWords(language, currency))
    page.on('pageerror', (error) => this.#faults.push(`thrown: ${error.message}`))
    page.on('console', (message) => {
      // The browser logs every refusal as a failed load. The page content shows that they are refusals.
      const isRefusal = /^Failed to load resource: .* status of 4\d\d/.test(message.text())
      const isLost = this.#losesAnswers && message.text().endsWith('net::ERR_FAILED')
      if (['error', 'warning'].includes(message.type()) && !isRefusal && !isLost) this.#faults.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) this.#faults.push(`asks elsewhere: ${request.url()}`)
    })
  }

  /** `prepare` is called before the page is loaded. */
  static async begin(
    browser: Browser,
    url: string,
    look: Look,
    prepare?: (page: Page) => Promise<void>,
  ): Promise<Visit> {
    const context = await browser.newContext({
      viewport: viewports[look.device],
      hasTouch: look.device === 'phone',
      colorScheme: look.scheme,
      locale: look.language === 'ko' ? 'ko-KR' : 'en-GB',
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    await page.addInitScript(watchShifts)
    const visit = new Visit(context, page, url, look)
    await prepare?.(page)
    await page.goto(url)
    return visit
  }

  /** Navigates as a link does. */
  async go(place: string): Promise<void> {
    await this.page.goto(`${this.#url}#/${place}`)
  }

  button(name: string | RegExp, options: { readonly exact?: boolean } = {}) {
    return this.page.getByRole('button', { name, exact: options.exact ?? true })
  }

  link(name: string) {
    return this.page.getByRole('link', { name, exact: true })
  }

  async heading(name: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }

  async says(text: string | RegExp): Promise<void> {
    await this.page.getByRole('status').getByText(text).first().waitFor()
  }

  async signIn(name: string): Promise<void> {
    await this.button(this.words.sign.in).first().click()
    await this.page.getByRole('dialog').getByRole('button', { name }).click()
    await this.button(this.words.sign.as(name)).waitFor()
  }

  /** Checks that the current view is accessible and fits into the window. */
  async expectAccessible(): Promise<void> {
    if (!(await this.page.evaluate(hasAxe))) await this.page.evaluate(axe)
    expect(await this.page.evaluate(faultsOf)).toEqual([])
    expect(await this.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  }

  /** Checks that nothing has moved since the page was loaded, except after an input. */
  async expectStill(): Promise<void> {
    expect(await this.page.evaluate('window.shifts')).toEqual([])
  }

  /** From now on, requests may fail. */
  expectLosses(): void {
    this.#losesAnswers = true
  }

  /** Lets requests whose address matches reach the server, and loses the answers. */
  async loseAnswers(address: string): Promise<void> {
    this.expectLosses()
    await this.page.route(address, async (route) => {
      await route.fetch()
      await route.abort()
    })
  }

  async end(): Promise<void> {
    await this.#context.close()
    expect(this.#faults).toEqual([])
  }
}
