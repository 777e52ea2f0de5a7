import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { openBrowser, openingMs } from './browser.js'
import { buildPage, type ServedPage, type Storage, servePage } from './served-page.js'
import { type Look, Visit } from './visit.js'

/** A browser and the real server, for the tests of a journey. */
export interface Suite {
  readonly served: ServedPage
  /** A visit that fails if the page had errors in the background. */
  visiting(look: Look, work: (visit: Visit) => Promise<void>, prepare?: (page: Page) => Promise<void>): Promise<void>
  /** A visit that starts in a place of the operations area, as the administrator. */
  operating(look: Look, place: string, work: (visit: Visit) => Promise<void>): Promise<void>
}

let opening: Promise<Browser> | undefined

/** One browser for all journeys of a file: each visit has a context of its own. */
const sharedBrowser = (): Promise<Browser> => {
  opening ??= buildPage().then(openBrowser)
  return opening
}
afterAll(async () => (await opening)?.close())

export const useSuite = (storage: Storage = 'memory', currency?: string): Suite => {
  let browser: Browser
  let served: ServedPage
  beforeAll(async () => {
    browser = await sharedBrowser()
    served = await servePage(storage, currency)
  }, openingMs)
  afterAll(() => served?.close())
  const visiting: Suite['visiting'] = async (look, work, prepare) => {
    const visit = await Visit.begin(browser, served.url, look, prepare)
    await work(visit)
    await visit.end()
  }
  return {
    get served() {
      return served
    },
    visiting,
    operating: (look, place, work) =>
      visiting(look, async (visit) => {
        await visit.go(place === '' ? 'operations' : `operations/${place}`)
        await visit.button(visit.words.operations.become).click()
        await work(visit)
      }),
  }
}

/** Both languages, devices and schemes, each with a user of its own. */
export const looks = [
  { language: 'en', device: 'desktop', scheme: 'light', person: 'Mina', userId: 'demo-mina' },
  { language: 'ko', device: 'phone', scheme: 'dark', person: 'Jun', userId: 'demo-jun' },
] as const

/** Names of demo goods. */
export const goods = {
  en: {
    lamp: 'Desk lamp',
    tea: 'Jeju green tea',
    figure: 'Limited figure',
    coupon: 'First ten',
    monitor: '27-inch monitor',
    sneakers: 'Limited sneakers',
  },
  ko: {
    lamp: '책상 스탠드',
    tea: '제주 녹차',
    figure: '한정판 피규어',
    coupon: '선착순 10명',
    monitor: '27인치 모니터',
    sneakers: '한정판 스니커즈',
  },
} as const
