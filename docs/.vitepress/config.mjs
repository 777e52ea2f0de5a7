import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { writePicturesIntoPages } from './pictures.mjs'
import { weightOf } from './search.mjs'

const docs = fileURLToPath(new URL('../', import.meta.url))
const root = resolve(docs, '..')
const reference = join(docs, 'reference/api/sidebar.json')

const isOutside = (path) => relative(docs, path).startsWith(`..${sep}`)

const linksOf = (tokens) =>
  tokens.flatMap(({ children }) => {
    const all = children ?? []
    return all.flatMap((open, index) =>
      open.type === 'link_open' ? [{ open, close: all.slice(index).find(({ type }) => type === 'link_close') }] : [],
    )
  })

/**
 * Pages link as GitHub needs it. The site serves the README of a shelf as its index, and has nothing but pages: a link to
 * a source becomes text with the path as title. A missing path fails the build.
 */
function adaptLinks(markdown) {
  markdown.core.ruler.push('adapt-links', ({ tokens, env }) => {
    for (const { open, close } of linksOf(tokens)) {
      const [target, anchor] = open.attrGet('href').split('#')
      if (!target || /^([a-z]+:|\/)/.test(target)) continue
      const path = resolve(dirname(env.path), decodeURI(target))
      if (!isOutside(path) && path.endsWith('.md')) {
        const page = target.replace(/README\.md$/, 'index.md')
        open.attrSet('href', anchor === undefined ? page : `${page}#${anchor}`)
        continue
      }
      if (!existsSync(path)) throw new Error(`${env.path} links to ${target}, which is missing`)
      open.tag = close.tag = 'span'
      open.attrs = [['title', relative(root, path)]]
      open.type = 'span_open'
      close.type = 'span_close'
    }
  })
}

/** Pages whose tables need the width of the outline, too. */
const wide = new Set([
  'reference/behaviours.md',
  'reference/mutants.md',
  'reference/policies.md',
  'reference/server-options.md',
  'concepts/glossary.md',
])

const page = (text, link) => ({ text, link })

const shelves = [
  {
    text: 'Start',
    link: '/start/',
    items: [
      page('Embed the shop', '/start/embedding'),
      page('In your Express application', '/start/express'),
      page('With your query builder', '/start/query-builders'),
      page('Your own authentication', '/start/authentication'),
      page('House rules', '/start/house-rules'),
      {
        text: 'Money tasks',
        link: '/start/money/',
        collapsed: true,
        items: [
          page('Charge once per payment', '/start/money/charge-once'),
          page('Withdraw', '/start/money/withdraw'),
          page('Correct a balance', '/start/money/correct-a-balance'),
          page('Grant bonus money', '/start/money/grant-bonus'),
          page('Refund a part', '/start/money/refund-a-part'),
          page('Quote a basket', '/start/money/quote'),
          page('Read the statement', '/start/money/statement'),
          page('Repair a shop', '/start/money/repair'),
          page('Find by reference', '/start/money/find-by-reference'),
        ],
      },
      {
        text: 'Drop tasks',
        link: '/start/drop/',
        collapsed: true,
        items: [
          page('Sell at a set time', '/start/drop/sell-at-a-set-time'),
          page('Set a sale price', '/start/drop/sale-price'),
          page('Limit units per person', '/start/drop/one-per-person'),
          page('Limit unpaid orders', '/start/drop/limit-unpaid-orders'),
          page('Make a coupon for some products', '/start/drop/coupon-for-products'),
          page('Give coupons by code', '/start/drop/coupon-by-code'),
          page('Show live stock', '/start/drop/live-stock'),
        ],
      },
      page('Keep your own data on ours', '/start/metadata'),
      page('Events of everything', '/start/events'),
      page('Paging', '/start/paging'),
      page('Test with a fake clock', '/start/fake-clock'),
      page('Two shops in one process', '/start/two-shops'),
      page('Move an existing shop in', '/start/move-in'),
    ],
  },
  {
    text: 'Concepts',
    link: '/concepts/',
    items: [
      page('Three flows', '/concepts/flows'),
      page('Money', '/concepts/money'),
      page('The drop', '/concepts/drop'),
      page('The nouns', '/concepts/nouns'),
      page('Dictionary', '/concepts/glossary'),
      page('Decisions', '/decisions/'),
    ],
  },
  {
    text: 'Operate',
    link: '/operate/',
    items: [
      page('The server', '/operate/operating'),
      page('Jobs without the server', '/operate/jobs'),
      page('Telemetry', '/operate/telemetry'),
      page('When history was lost', '/operate/history-lost'),
      page('Security', '/operate/security'),
      page('High availability', '/operate/high-availability'),
      page('Other engines', '/operate/engines'),
      page('Scaling', '/operate/scaling'),
      page('Many shops', '/operate/tenants'),
      page('Poolers', '/operate/poolers'),
      page('Redis', '/operate/redis'),
      page('Performance', '/operate/performance'),
    ],
  },
  {
    text: 'Reference',
    link: '/reference/',
    items: [
      page('Policies and presets', '/reference/policies'),
      page('HTTP API', '/reference/http-api'),
      page('Options of createServer', '/reference/server-options'),
      page('Refusals', '/reference/refusals'),
      page('Writing an adapter', '/reference/write-an-adapter'),
      page('Laws', '/reference/laws'),
      page('Mutants', '/reference/mutants'),
      page('Mutation testing', '/reference/mutation-testing'),
      page('Crash campaign', '/reference/crash-campaign'),
      page('Attacks and outages', '/reference/attacks'),
      page('Behaviours', '/reference/behaviours'),
      {
        text: 'TypeScript API',
        collapsed: true,
        items: existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : [],
      },
    ],
  },
]

export default defineConfig({
  title: '@shop',
  description: 'Sell with prepaid balances, first-come-first-served coupons and stock, without overselling',
  lang: 'en',
  // No icon: without this line every browser asks for a missing one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  cleanUrls: false,
  lastUpdated: false,
  rewrites: Object.fromEntries(
    ['start', 'start/money', 'start/drop', 'concepts', 'operate', 'reference', 'reference/api', 'decisions'].map(
      (folder) => [`${folder}/README.md`, `${folder}/index.md`],
    ),
  ),
  transformPageData: ({ relativePath, frontmatter }) =>
    wide.has(relativePath) ? { frontmatter: { ...frontmatter, aside: false } } : undefined,
  markdown: {
    config(markdown) {
      adaptLinks(markdown)
      writePicturesIntoPages(markdown)
    },
  },
  // The index of the search is one file.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  // The default theme loads no font and no script from elsewhere; nothing here does either.
  themeConfig: {
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { boostDocument: weightOf } } },
    },
    outline: [2, 3],
    nav: shelves.map(({ text, link }) => page(text, link)),
    sidebar: shelves,
  },
})
