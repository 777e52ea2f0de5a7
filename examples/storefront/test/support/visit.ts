import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { en, type Words } from '../../src/words/en.js'
import { ko } from '../../src/words/ko.js'

export interface Look {
  readonly language: 'en' | 'ko'
  readonly device: 'desktop' | 'phone'
  readonly scheme: 'light' | 'dark'
}

const viewports = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The axe violations of the current page, one line each. */
const faultsOf = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ': ' + html + ' ' + any.map(({ message }) => message))))`

/** Adds up how far the page moves without being asked to. */
const watchShifts = `
  window.layoutShift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
`

/** A visitor with one language and one device, who reads the screen or uses a screen reader. */
export class Visit {
  readonly page: Page
  readonly words: Words
  readonly #context: BrowserContext
  readonly #url: string
  readonly #faults: string[] = []
  #losesAnswers = false

  private constructor(context: BrowserContext, page: Page, url: string, { language }: Look) {
    this.#context = context
    this.#url = url
    this.page = page
    this.words = language === 'ko' ? ko : en
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

  static async begin(browser: Browser, url: string, look: Look): Promise<Visit> {
    const context = await browser.newContext({
      viewport: viewports[look.device],
      hasTouch: look.device === 'phone',
      colorScheme: look.scheme,
      locale: look.language === 'ko' ? 'ko-KR' : 'en-GB',
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(10_000)
    await context.addInitScript(watchShifts)
    const page = await context.newPage()
    const visit = new Visit(context, page, url, look)
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
    await this.page.evaluate(axe)
    expect(await this.page.evaluate(faultsOf)).toEqual([])
    expect(await this.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  }

  /** Checks that nothing moved under the eyes of the reader. Numbers may grow: that is less than a hundredth. */
  async expectStill(): Promise<void> {
    expect(await this.page.evaluate('window.layoutShift')).toBeLessThan(0.01)
  }

  /** Lets requests whose address matches reach the server, and loses the answers. */
  async loseAnswers(address: string): Promise<void> {
    this.#losesAnswers = true
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
