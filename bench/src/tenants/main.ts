import { fileURLToPath } from 'node:url'
import { load, machineWith } from '../report/machine.js'
import { makeProgress } from '../report/progress.js'
import type { Row } from '../report/rows.js'
import { runProgram } from '../report/run-program.js'
import { auditing } from './auditing.js'
import { inLibrary } from './in-library.js'
import { migrating } from './migrating.js'
import { moving } from './moving.js'
import { rushing } from './rushing.js'
import { readSettings, type TenantsSettings, usage } from './settings.js'
import { prepareStage, type Stage } from './stage.js'
import { type PartName, rowsOf, tenantsTable, writePart } from './tenants-results.js'

type Part = (stage: Stage, settings: TenantsSettings, show: (line: string) => void) => Promise<readonly Row[]>

const parts: Readonly<Record<PartName, Part>> = { migrating, library: inLibrary, rushing, moving, auditing }

const measure = async ({ outFolder, ...settings }: TenantsSettings): Promise<void> => {
  const progress = makeProgress(process.stderr)
  progress.show('starting Postgres with durable commits')
  const stage = await prepareStage(settings.shops)
  const machine = machineWith(stage.server.version)
  try {
    // The others need the tables that the first one makes.
    const wanted = Object.keys(parts).filter((name) => name === 'migrating' || settings.parts.includes(name))
    for (const [index, name] of (wanted as PartName[]).entries()) {
      const before = load()
      const show = (line: string) => progress.show(`[${index + 1}/${wanted.length}] ${line}`)
      const rows = await parts[name](stage, { ...settings, outFolder }, show)
      const at = new Date().toISOString()
      const { parts: _, ...sizes } = settings
      if (!settings.parts.includes(name)) continue
      // Written after each part, so that a later failure loses nothing.
      const results = await writePart(outFolder, name, { at, machine, settings: sizes, loads: [before, load()], rows })
      progress.end()
      console.log(`${tenantsTable(rows)}\nload of the machine, before and after: ${before}–${load()}`)
      if (index === wanted.length - 1) console.log(`\n${tenantsTable(rowsOf(results))}`)
    }
  } finally {
    progress.end()
    await stage.remove()
  }
}

await runProgram(usage, async () => {
  const settings = readSettings(process.argv.slice(2), {
    parts: Object.keys(parts),
    outFolder: fileURLToPath(new URL('../results', import.meta.url)),
  })
  if (settings) await measure(settings)
  else console.log(usage)
})
