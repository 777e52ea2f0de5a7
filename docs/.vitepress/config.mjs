import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const docs = fileURLToPath(new URL('../', import.meta.url))
const root = resolve(docs, '..')
const reference = join(docs, 'reference/sidebar.json')

const isOutside = (path) => relative(docs, path).startsWith(`..${sep}`)

/** Pages link to sources, which lie outside the site: there they are words with the path beside the pointer. A path that is not there fails the build. */
function showSourcesAsPaths(markdown) {
  markdown.core.ruler.push('sources-as-paths', ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const [index, token] of (children ?? []).entries()) {
        const target = token.type === 'link_open' ? token.attrGet('href').split('#')[0] : ''
        if (!target || /^([a-z]+:|\/)/.test(target)) continue
        const path = resolve(dirname(env.path), decodeURI(target))
        if (!isOutside(path)) continue
        if (!existsSync(path)) throw new Error(`${env.path} links to ${target}, which is not there`)
        const close = children.findIndex(({ type }, at) => at > index && type === 'link_close')
        token.tag = children[close].tag = 'span'
        token.attrs = [['title', relative(root, path)]]
        token.type = 'span_open'
        children[close].type = 'span_close'
      }
    }
  })
}

/** Their tables need the room. */
const wide = new Set(['behaviours.md', 'mutants.md', 'policies.md'])

const page = (text, link) => ({ text, link })

export default defineConfig({
  title: '@shop',
  description: 'Selling with prepaid balances, first-come-first-served coupons and stock that is never sold twice',
  lang: 'en',
  // No icon: without this line every browser asks for one that is not there.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  cleanUrls: false,
  lastUpdated: false,
  rewrites: { 'decisions/README.md': 'decisions/index.md', 'reference/README.md': 'reference/index.md' },
  transformPageData: ({ relativePath, frontmatter }) =>
    wide.has(relativePath) ? { frontmatter: { ...frontmatter, aside: false } } : undefined,
  markdown: { config: showSourcesAsPaths },
  // The index of the search is one file.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  // The default theme asks for no font and no script of others; nothing here does either.
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Start', '/start'), page('HTTP API', '/http-api'), page('Reference', '/reference/')],
    sidebar: [
      {
        text: 'Begin',
        items: [
          page('Start', '/start'),
          page('Concepts', '/concepts'),
          page('The nouns', '/design'),
          page('Glossary', '/glossary'),
        ],
      },
      {
        text: 'Use',
        items: [
          page('Embedding', '/embedding'),
          page('Policies and presets', '/policies'),
          page('HTTP API', '/http-api'),
          page('Refusals', '/refusals'),
          page('Writing an adapter', '/write-an-adapter'),
        ],
      },
      {
        text: 'Run',
        items: [
          page('Operating', '/operating'),
          page('Scaling', '/scaling'),
          page('Poolers', '/poolers'),
          page('Redis', '/redis'),
          page('Security', '/security'),
          page('Performance', '/performance'),
        ],
      },
      {
        text: 'Trust',
        items: [
          page('Laws', '/laws'),
          page('Mutants', '/mutants'),
          page('Mutation testing', '/mutation-testing'),
          page('Crash campaign', '/crash-campaign'),
          page('Attacks and outages', '/attacks'),
          page('Behaviours', '/behaviours'),
          page('Decisions', '/decisions/'),
        ],
      },
      {
        text: 'Reference',
        collapsed: true,
        items: existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : [],
      },
    ],
  },
})
