// Keeps the table of behaviours: which tests, by their titles, show each of them.
// `node scripts/behaviours.mjs` writes the last column anew; with `--check [page]` it only says what is wrong.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './root.mjs'

const pageOfAll = join(root, 'docs', 'behaviours.md')
const last = 222

/** A title, or a list of rows, that begins with numbers: 'B001 B002 does …', 'B125–B128: does …'. */
const title = /(['"`])((?:B\d{3}(?:–B\d{3})?[ ,:]+)+)((?:(?!\1).)+)\1/g
const row = /^\| (B\d{3}) \| (\d{3}) \| ([^|]+) \| ([^|]+) \| (.*) \|$/
const decided = /^decided: \S/

const sorted = (entries) => entries.sort((a, b) => (a.name < b.name ? -1 : 1))

const testFiles = (folder) =>
  sorted(readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path)
    return entry.name.endsWith('.spec.ts') ? [path] : []
  })

const name = (number) => `B${String(number).padStart(3, '0')}`

const numbersOf = (text) =>
  [...text.matchAll(/B(\d{3})(?:–B(\d{3}))?/g)].flatMap(([, from, to = from]) =>
    Array.from({ length: to - from + 1 }, (_, index) => name(Number(from) + index)),
  )

/** By number, the cells that name a test: a link to its file, and its title without the numbers. */
function testsByNumber() {
  const tests = new Map()
  const folders = ['packages', 'examples'].flatMap((folder) =>
    sorted(readdirSync(join(root, folder), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((workspace) => join(root, folder, workspace.name, 'test')),
  )
  for (const folder of folders) {
    for (const file of present(folder)) {
      const path = relative(root, file).split(sep).join('/')
      for (const [, , numbers, words] of readFileSync(file, 'utf8').matchAll(title)) {
        const link = `[${path.split('/').at(-1)}](../${path}) “${words.replaceAll('|', '\\|')}”`
        for (const number of numbersOf(numbers)) tests.set(number, [...(tests.get(number) ?? []), link])
      }
    }
  }
  return tests
}

function present(folder) {
  try {
    return testFiles(folder)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** A decision stays as it stands; of the tests, the first two are enough to find the rule. */
const written = (page, tests) =>
  page
    .split('\n')
    .map((line) => {
      const [, number, seed, flow, sentence, where] = row.exec(line) ?? []
      if (!number) return line
      const found = (tests.get(number) ?? []).slice(0, 2)
      const [decision] = /decided: .*$/.exec(where) ?? []
      return `| ${number} | ${seed} | ${flow} | ${sentence} | ${[...found, ...(decision ? [decision] : [])].join('; ')} |`
    })
    .join('\n')

/** What is wrong with the page: a number that has no row or no place, a test that is not there any more. */
function problemsOf(page, tests) {
  const rows = new Map(
    page.split('\n').flatMap((line) => (row.test(line) ? [[row.exec(line)[1], row.exec(line)[5]]] : [])),
  )
  return Array.from({ length: last }, (_, index) => name(index + 1)).flatMap((number) => {
    const where = rows.get(number)
    if (where === undefined) return [`${number} has no row`]
    if (where.trim() === '') return [`${number} has neither a test nor a decision`]
    const known = tests.get(number) ?? []
    return where
      .split(/; (?=\[[^\]]+\.spec\.ts\]|decided: )/)
      .filter((part) => !decided.test(part) && !known.includes(part))
      .map((part) => `${number} names a test that is not there: ${part}`)
  })
}

/** Writes the last column anew, and answers what is still wrong. */
export function writeBehaviours() {
  const tests = testsByNumber()
  const page = written(readFileSync(pageOfAll, 'utf8'), tests)
  writeFileSync(pageOfAll, page)
  return problemsOf(page, tests)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode, page = pageOfAll] = process.argv.slice(2)
  const problems = mode === '--check' ? problemsOf(readFileSync(page, 'utf8'), testsByNumber()) : writeBehaviours()
  for (const problem of problems) console.log(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
