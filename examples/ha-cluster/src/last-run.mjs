import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tableOf } from './report.mjs'

const fileIn = (path) => fileURLToPath(new URL(`../../../docs/operate/${path}`, import.meta.url))

/** The results of the last run, as JSON. */
const resultsFile = fileIn('high-availability-results.json')
const page = fileIn('high-availability.md')
const heading = '## Last run\n'

/** The section of the page with these results. It is the last one. */
const sectionOf = (results) => {
  const { settings, at } = results
  return `${heading}
\`npm run test:ha\` wrote this section on ${at.slice(0, 10)}, with ${settings.users} users and a \`ttl\` of ${settings.ttl} s.

${tableOf(results)}
`
}

/** Replaces the results in the documentation. */
export const documentRun = (results) => {
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`)
  const [before] = readFileSync(page, 'utf8').split(heading)
  writeFileSync(page, before + sectionOf(results))
}
