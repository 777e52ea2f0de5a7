import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Text {
  readonly path: string
  readonly text: string
}

const skipped = /^(node_modules|dist|reports|\.vitepress)$/

const textsIn = (folder: string, name: RegExp): Text[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return skipped.test(entry.name) || path === 'docs/reference/api' ? [] : textsIn(path, name)
    return name.test(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : []
  })

const code = ['packages', 'examples', 'bench', 'scripts', 'test-support']
  .flatMap((folder) => textsIn(folder, /\.(ts|tsx|mjs)$/))
  .filter(({ path }) => path !== 'test-support/test/dictionary.unit.spec.ts')
const sources = code.filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))
const pages = [
  ...textsIn('docs', /\.md$/),
  ...['README.md', 'README.ko.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  })),
]

describe('the dictionary', () => {
  const rows = [
    ...readFileSync(join(root, 'docs/concepts/glossary.md'), 'utf8').matchAll(
      /^\| \*\*([^|]+)\*\* \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm,
    ),
  ].map(([, term = '', meaning = '', names = '', korean = '']) => ({
    term,
    names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    meaning,
    korean,
  }))

  /** From the declaration of a type to the brace that closes it. */
  const bodyOf = (type: string): string =>
    sources
      .map(
        ({ text }) => new RegExp(`^export (?:interface|class|type) ${type}\\b[\\s\\S]*?^}`, 'm').exec(text)?.[0] ?? '',
      )
      .join('')

  const isDeclared = (name: string): boolean => {
    const [type = '', member] = name.split('.')
    if (member !== undefined) return new RegExp(`^ +(?:readonly )?${member}[?]?[(:]`, 'm').test(bodyOf(type))
    const declaration = new RegExp(`\\b(?:interface|class|type|function|const) ${type}\\b`)
    return sources.some(({ text }) => declaration.test(text))
  }

  test('has entries, each term once', () => {
    expect(rows.length).toBeGreaterThan(50)
    const terms = rows.map(({ term }) => term)
    expect(terms.filter((term, index) => terms.indexOf(term) < index)).toEqual([])
  })

  test.each(rows)('$term names what the code declares', ({ names }) => {
    expect(names).not.toEqual([])
    expect(names.filter((name) => !isDeclared(name))).toEqual([])
  })

  test.each(rows)('$term has one plain sentence and a Korean term', ({ meaning, korean }) => {
    expect(meaning).toMatch(/\.$/)
    expect(meaning.split(/\s+/).length).toBeLessThanOrEqual(25)
    expect(korean).toMatch(/\p{Script=Hangul}/u)
  })
})

describe('words that were given up', () => {
  /** They mean nothing but what they meant here: no text may hold them, nor a comment. */
  const everywhere = [
    'outliner endOfNothing commitNothing TransactionScript needsUnlocked readUnlocked StuckWatch readTogether',
    'groupSize spareLanes patienceMs settleEvents settleCallers endUnpaid DatabaseSign DatabaseWatch',
    'endsWithin tryAgain isPassing meetRedis keepDatabase KeysInUse onceKnown maxPauseMs backOffMs storyBegins',
  ].flatMap((words) => words.split(' '))

  /** They are words of English, too: there they may not be declared, nor be members. */
  const asNames: readonly (readonly [folder: string, names: string])[] = [
    ['packages/', 'Verb Ticket Carriage Bundler Settlement Said Deed Sight Slots supplied'],
    ['packages/core/', 'verb Seen Line lanes giveBack pauseMs Told Notes Ending Trial moody'],
    ['packages/core/src/commands/', 'look settle'],
    ['packages/core/src/store/', 'look settle'],
    ['packages/adapter-knex/src/', 'Frame Carriage'],
    ['packages/adapter-redis/src/', 'places leave edition passed'],
    ['packages/server-express/src/', 'Place Shape'],
  ]

  const withoutComments = (text: string): string =>
    text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')

  /** A declaration, a member or an import of that name. */
  const usesOf = (name: string): RegExp =>
    new RegExp(
      `\\b(?:interface|class|type|function|const|let) ${name}\\b(?! ')|(?<![.\\w])[.]#?${name}\\b(?!')|^ +(?:readonly |async |get )*#?${name}[?]?[(:<]`,
      'm',
    )

  test.each(everywhere)('%s is in no text', (word) => {
    const found = [...code, ...pages].filter(({ text }) => new RegExp(`\\b${word}\\b`).test(text))
    expect(found.map(({ path }) => path)).toEqual([])
  })

  test.each(asNames)('%s declares none of %s', (folder, names) => {
    const within = code
      .filter(({ path }) => path.startsWith(folder))
      .map(({ path, text }) => ({ path, text: withoutComments(text) }))
    expect(within.length).toBeGreaterThan(5)
    const found = names
      .split(' ')
      .flatMap((name) => within.flatMap(({ path, text }) => (usesOf(name).test(text) ? [`${name} in ${path}`] : [])))
    expect(found).toEqual([])
  })

  test.each(pages)('$path shows none of them as code', ({ text }) => {
    const given = [...everywhere, ...asNames.flatMap(([, names]) => names.split(' '))]
    const shown = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => span.match(/[A-Za-z]\w*/g) ?? [])
    expect(given.filter((name) => /[A-Z]/.test(name) && shown.includes(name))).toEqual([])
  })
})
