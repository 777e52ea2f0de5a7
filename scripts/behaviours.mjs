// Makes docs/behaviours.md from docs/traceability.json: each behaviour of the specification, and the tests that show it.
// `node scripts/behaviours.mjs` writes the page; `--check [table]` only reports missing and dead entries.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './root.mjs'

const tableFile = join(root, 'docs', 'traceability.json')
const pageFile = join(root, 'docs', 'behaviours.md')
const last = 222

const numbers = Array.from({ length: last }, (_, index) => `B${String(index + 1).padStart(3, '0')}`)

const isTitleIn = (text, title) => ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`))

const problemsOfEntry = (number, entry) => {
  if (!entry) return [`${number} has no entry`]
  const tests = Object.entries(entry.tests)
  if (tests.length === 0 && !entry.decided) return [`${number} has neither a test nor a decision`]
  return tests.flatMap(([file, titles]) => {
    if (!existsSync(join(root, file))) return [`${number} names a file that does not exist: ${file}`]
    const text = readFileSync(join(root, file), 'utf8')
    return titles
      .filter((title) => !isTitleIn(text, title))
      .map((title) => `${number} names a test that does not exist: ${file} “${title}”`)
  })
}

const problemsOf = (table) => [
  ...numbers.flatMap((number) => problemsOfEntry(number, table[number])),
  ...Object.keys(table)
    .filter((number) => !numbers.includes(number))
    .map((number) => `${number} is not a behaviour of the specification`),
]

const inCell = (text) => text.replaceAll('|', '\\|')

/** Two tests are enough to find the rule; the table names all of them. */
const place = ({ tests, decided }) => {
  const links = Object.entries(tests).flatMap(([file, titles]) =>
    titles.map((title) => `[${file.split('/').at(-1)}](../${file}) “${inCell(title)}”`),
  )
  return [...links.slice(0, 2), ...(decided ? [`decided: ${inCell(decided)}`] : [])].join('; ')
}

const intro = `# Behaviours

Five documents describe this shop, 000 to 004, and they disagree. This page lists all ${last} behaviours
they describe. A test shows each behaviour. Where the shop does something else under every preset, the
page gives the decision. Where presets differ, the test says which presets it covers;
[policies](policies.md) says which preset follows which document.

\`npm run docs\` makes this page from [traceability.json](traceability.json), which names every test of a
behaviour; the page names two. The build fails if an entry is missing, or if a named test does not exist.

| number | document | flow | behaviour | shown by |
|---|---|---|---|---|
`

const pageOf = (table) =>
  intro +
  Object.entries(table)
    .map(([number, entry]) => {
      const { document, flow, behaviour } = entry
      return `| ${number} | ${document} | ${flow} | ${inCell(behaviour)} | ${place(entry)} |\n`
    })
    .join('')

/** Writes the page and returns what is wrong with the table. */
export function writeBehaviours() {
  const table = JSON.parse(readFileSync(tableFile, 'utf8'))
  writeFileSync(pageFile, pageOf(table))
  return problemsOf(table)
}

const check = (file) => {
  const table = JSON.parse(readFileSync(file, 'utf8'))
  const isCurrent = file !== tableFile || readFileSync(pageFile, 'utf8') === pageOf(table)
  return [
    ...problemsOf(table),
    ...(isCurrent ? [] : ['docs/behaviours.md is out of date: node scripts/behaviours.mjs']),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode, file = tableFile] = process.argv.slice(2)
  const problems = mode === '--check' ? check(file) : writeBehaviours()
  for (const problem of problems) console.log(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
