import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load, machineWith } from '../report/machine.js'
import { makeProgress } from '../report/progress.js'
import { auditing } from './auditing.js'
import { inLibrary } from './in-library.js'
import { migrating } from './migrating.js'
import { moving } from './moving.js'
import { type Row, type TenantsResults, tenantsTable } from './rows.js'
import { rushing } from './rushing.js'
import { readSettings, type TenantsSettings, usage } from './settings.js'
import { prepareStage } from './stage.js'

const measure = async (settings: TenantsSettings): Promise<TenantsResults> => {
  const before = load()
  const progress = makeProgress(process.stderr)
  progress.show('starting Postgres with durable commits')
  const stage = await prepareStage(settings.shops)
  try {
    const rows: Row[] = []
    const parts = [migrating, inLibrary, rushing, moving, auditing]
    for (const [index, part] of parts.entries()) {
      const show = (line: string) => progress.show(`[${index + 1}/${parts.length}] ${line}`)
      rows.push(...(await part(stage, settings, show)))
    }
    const { outFolder: _, ...sizes } = settings
    const machine = machineWith(stage.server.version)
    return { at: new Date().toISOString(), machine, settings: sizes, loads: [before, load()], rows }
  } finally {
    progress.end()
    await stage.remove()
  }
}

try {
  const settings = readSettings(process.argv.slice(2), fileURLToPath(new URL('../results', import.meta.url)))
  if (!settings) console.log(usage)
  else {
    const results = await measure(settings)
    const file = join(settings.outFolder, 'tenants.json')
    await mkdir(settings.outFolder, { recursive: true })
    await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
    console.log(tenantsTable(results.rows))
    console.log(`load of the machine, before and after: ${results.loads.join('–')}; written: ${file}`)
  }
} catch (error) {
  const isUsage = error instanceof RangeError || (error as { code?: unknown }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
  console.error(isUsage ? `${(error as Error).message}\n\n${usage}` : error)
  process.exitCode = isUsage ? 64 : 1
}
