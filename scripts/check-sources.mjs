// Rules about sources that no linter of ours knows: length, and no clock and no dice in the core.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { root } from './root.mjs'

const maxLines = 300
const sourceFolders = ['packages', 'scripts', 'test-support', 'examples', 'bench']
const ignored = new Set(['node_modules', 'dist', 'coverage'])

const core = /^packages\/core\/src\//
/** Time and chance enter here, and in what the kit plays in real time; everything else in the core gets them as arguments. */
const mayAskTheWorld = /^packages\/core\/src\/(shared|engine|locks|conformance\/(kit|laws))\//
const world = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\bsetTimeout\b|\bsetInterval\b/

const sources = (folder) => {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !ignored.has(entry.name))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(tsx?|mjs|js)$/.test(entry.name) ? [path] : []
  })
}

const withoutComments = (text) =>
  text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/(^|\s)\/\/.*$/gm, '$1')

const tooLong = (lines) => lines.length > maxLines && !lines.slice(0, 5).some((line) => /^\/\/ long: \S/.test(line))

const problemsOf = (file) => {
  const name = relative(root, file).split(sep).join('/')
  const text = readFileSync(file, 'utf8')
  const lines = text.trimEnd().split('\n')
  const problems = []
  if (tooLong(lines)) {
    problems.push(
      `${name}: ${lines.length} lines, more than ${maxLines}; split it, or begin it with "// long: <reason>"`,
    )
  }
  if (core.test(name) && !mayAskTheWorld.test(name)) {
    withoutComments(text)
      .split('\n')
      .forEach((line, index) => {
        const [found] = world.exec(line) ?? []
        if (found) problems.push(`${name}:${index + 1}: ${found}; take time and chance as arguments`)
      })
  }
  return problems
}

const present = new Set(readdirSync(root))
const files = sourceFolders.filter((name) => present.has(name)).flatMap((name) => sources(join(root, name)))
const problems = files.flatMap(problemsOf)
for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
