import { drawCharts } from './charts/draw-charts.js'
import { readCommandLine, usage } from './command-line.js'
import { parts } from './parts/index.js'
import type { Bench, Part } from './parts/part.js'
import { load, type Machine, machineWith } from './report/machine.js'
import { makeProgress } from './report/progress.js'
import { tableOf } from './report/table.js'
import { type Measured, type Results, writeResults } from './report/write-results.js'
import { findPgbench } from './stage/pgbench.js'
import { startPostgres } from './stage/postgres.js'
import { seedsOn } from './stage/seed.js'

const chosen = (names: readonly string[]): readonly Part[] => {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) throw new RangeError(`unknown part: ${unknown.join(', ')}`)
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name))
}

const runParts = async (wanted: readonly Part[], bench: Bench, machine: Machine): Promise<Results> => {
  const { databaseUrl, profileFolder, outFolder, ...settings } = bench.settings
  const done: Record<string, Measured> = {}
  for (const [index, part] of wanted.entries()) {
    const before = load()
    const show = (line: string) => bench.show(`[${index + 1}/${wanted.length}] ${part.name}: ${line}`)
    show(part.about)
    const result = await part.run({ ...bench, show })
    const at = new Date().toISOString()
    done[part.name] = { at, machine, settings, loads: [before, load()], ...result }
    // Written after each part, so that a later failure loses nothing.
    await writeResults(outFolder, done)
  }
  return done
}

const print = (measured: Results): void => {
  const done = Object.values(measured)
  console.log(tableOf(done.flatMap(({ findings = [] }) => findings)))
  for (const { what, value } of done.flatMap(({ notes = [] }) => notes)) console.log(`${what}: ${value}`)
  const loads = Object.entries(measured).map(([name, { loads }]) => `${name} ${loads.join('–')}`)
  console.log(`load of the machine, before and after each part: ${loads.join(', ')}`)
}

const bench = async (args: readonly string[]): Promise<void> => {
  const { parts: names, settings, wantsHelp } = readCommandLine(args)
  if (wantsHelp) return console.log(usage(parts))
  const wanted = chosen(names)
  findPgbench()
  const progress = makeProgress(process.stderr)
  progress.show('starting Postgres with durable commits')
  const server = await startPostgres(settings.databaseUrl)
  const seeds = seedsOn(server, settings.users)
  try {
    const measured = await runParts(wanted, { settings, seeds, show: progress.show }, machineWith(server.version))
    progress.end()
    print(measured)
    const { file, results } = await writeResults(settings.outFolder, measured)
    const charts = await drawCharts(settings.outFolder, results)
    console.log(`written: ${[file, ...charts].join(' ')}`)
  } finally {
    await seeds.drop()
    await server.stop()
  }
}

try {
  await bench(process.argv.slice(2))
} catch (error) {
  const isUsage = error instanceof RangeError || error instanceof TypeError
  console.error(isUsage ? `${error.message}\n\n${usage(parts)}` : error)
  process.exitCode = 1
}
