import { fileURLToPath } from 'node:url'
import { load, machineWith } from '../report/machine.js'
import { makeProgress } from '../report/progress.js'
import { runProgram } from '../report/run-program.js'
import { startPostgres } from '../stage/postgres.js'
import { readSettings, type UpgradeSettings, usage } from './settings.js'
import { upgrade } from './upgrade.js'
import { upgradeTables, writeUpgrade } from './upgrade-results.js'

const measure = async ({ outFolder, ...settings }: UpgradeSettings): Promise<void> => {
  const progress = makeProgress(process.stderr)
  progress.show('starting Postgres with durable commits')
  const server = await startPostgres(undefined)
  try {
    const loadBefore = load()
    const { url } = await server.database('upgrade')
    const results = await upgrade({ settings: { ...settings, outFolder }, url, show: progress.show })
    const { before: _, ...sizes } = settings
    const file = await writeUpgrade(outFolder, {
      at: new Date().toISOString(),
      machine: machineWith(server.version),
      settings: sizes,
      loads: [loadBefore, load()],
      ...results,
    })
    progress.end()
    console.log(`${upgradeTables(results)}\n\nwritten: ${file}`)
    if (results.rows.some(({ met }) => met === false)) process.exitCode = 1
  } finally {
    progress.end()
    await server.stop()
  }
}

await runProgram(usage, async () => {
  const settings = readSettings(process.argv.slice(2), fileURLToPath(new URL('../results', import.meta.url)))
  if (settings) await measure(settings)
  else console.log(usage)
})
