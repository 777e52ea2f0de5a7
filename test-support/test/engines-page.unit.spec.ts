import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sources = join(root, 'packages/adapter-knex/src')
const page = readFileSync(join(root, 'docs/operate/engines.md'), 'utf8')

const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(sources, name), 'utf8'))
  .join('\n')
const oneLine = code.replaceAll(/\s+/g, ' ').toLowerCase()

/** The rows of the tables of features: five engines' cells follow the feature and its use. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split(' | ').length === 6 && !line.startsWith('| feature'))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))

const quotedIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted)

const features = rows.flatMap(([feature = '']) => quotedIn(feature))

test('each row names features that the sources use', () => {
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.filter(([feature = '']) => quotedIn(feature).length === 0)).toEqual([])
  expect(features.filter((feature) => !oneLine.includes(feature.toLowerCase()))).toEqual([])
})

test('each cell has a known sign, and each number has a note', () => {
  const cells = rows.flatMap((row) => row.slice(2))
  expect(cells.filter((cell) => !/^[✓≠✗?]( \[\d+\])?$/.test(cell))).toEqual([])
  const cited = new Set(cells.flatMap((cell) => /\d+/.exec(cell) ?? []))
  const notes = [...page.matchAll(/^(\d+)\. /gm)].map(([, number = '']) => number)
  expect([...cited].filter((number) => !notes.includes(number))).toEqual([])
})

/** Everything of these kinds that the sources use must be on the page. */
const kinds: Readonly<Record<string, RegExp>> = {
  'functions and catalogs of Postgres': /\bpg_[a-z_]+\b/g,
  'functions of JSON': /\bjsonb?_[a-z_]+(?=\()/g,
  'settings with a value': /'([a-z]+_[a-z_]+) = [a-z0-9]+'/g,
  'settings of a transaction': /\bset local ([a-z_]+)/g,
  'settings that are read or set by a function': /\b(?:set_config|current_setting)\('([a-z_]+)'/g,
  'methods of indexes': /\busing (?:gin|brin|gist|hash|spgist)\b/g,
  clauses:
    /\b(?:skip locked|nowait|on conflict|lateral|rows from|with recursive|as materialized|partition by|for (?:no key )?update|for (?:key )?share|lock table|concurrently|fillfactor|merge into|tablesample|with ordinality|distinct on|references|deferrable|exclude using|create (?:or replace )?function|create trigger|generated always|listen|notify)\b(?=[\s;'`"$(,)])/g,
}

/** Words of prose and of TypeScript, or settings that are only read. */
const isNoFeature = new Set([
  'references',
  'listen',
  'notify',
  'server_encoding',
  'transaction_isolation',
  'transaction_read_only',
])

test.each(Object.entries(kinds))('the page names all %s that the sources use', (_, pattern) => {
  const used = [...code.matchAll(pattern)].map(([whole, part]) => (part ?? whole).toLowerCase())
  expect(used.length).toBeGreaterThan(0)
  const missing = used.filter((each) => !isNoFeature.has(each) && !features.some((name) => name.includes(each)))
  expect([...new Set(missing)]).toEqual([])
})
