import { readCommandLine, usage } from './command-line.js'
import { parts } from './parts/index.js'
import type { Bench, Part } from './parts/part.js'
import { load, machineWith } from './report/machine.js'
import { makeProgress } from './report/progress.js'
import { tableOf } from './report/table.js'
import { writeResults } from './report/write-results.js'
import type { PartResult } from './results.js'
import { findPgbench } from './stage/pgbench.js'
import { startPostgres } from './stage/postgres.js'

const chosen = (names: readonly string[]): readonly Part[] => {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) throw new RangeError(`no such part: ${unknown.join(', ')}`)
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name))
}

const runParts = async (wanted: readonly Part[], bench: Bench) => {
  const done: PartResult[] = []
  const loads: Record<string, readonly [number, number]> = {}
  for (const [index, part] of wanted.entries()) {
    const before = load()
    const show = (line: string) => bench.show(`[${index + 1}/${wanted.length}] ${part.name}: ${line}`)
    show(part.about)
    done.push(await part.run({ ...bench, show }))
    loads[part.name] = [before, load()]
  }
  return { done, loads }
}

const bench = async (args: readonly string[]): Promise<void> => {
  const { parts: names, settings } = readCommandLine(args)
  const wanted = chosen(names)
  findPgbench()
  const progress = makeProgress(process.stderr)
  progress.show('starting Postgres with durable commits')
  const server = await startPostgres(settings.databaseUrl)
  try {
    const { done, loads } = await runParts(wanted, { settings, server, show: progress.show })
    progress.end()
    const findings = done.flatMap(({ findings = [] }) => findings)
    const notes = done.flatMap(({ notes = [] }) => notes)
    const { databaseUrl, profileFolder, outFolder, ...sizes } = settings
    const file = await writeResults(outFolder, {
      machine: machineWith(server.version),
      settings: sizes,
      loads,
      findings,
      notes,
      series: done.flatMap(({ series = [] }) => series),
      charts: done.flatMap(({ charts = [] }) => charts),
    })
    console.log(tableOf(findings))
    for (const { what, value } of notes) console.log(`${what}: ${value}`)
    console.log(`load of the machine, before and after: ${JSON.stringify(loads)}`)
    console.log(`written to ${file}`)
  } finally {
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
