// Black-box checks in a folder outside the project: they start the built server and speak HTTP.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './root.mjs'
import { run, step } from './steps.mjs'

export const runAcceptance = async (path) => {
  const folder = resolve(root, path)
  return [await step('acceptance', () => behaviours(folder)), await step('bad inputs', () => badInputs(folder))]
}

const behaviours = async (folder) => {
  const tap = join(root, 'reports', 'acceptance.tap')
  rmSync(tap, { force: true })
  mkdirSync(join(root, 'reports'), { recursive: true })
  const reporters = ['spec', 'tap'].map((name) => `--test-reporter=${name}`)
  const destinations = ['stdout', tap].map((name) => `--test-reporter-destination=${name}`)
  const { ok } = await run(['--test', ...reporters, ...destinations, ...testFiles(folder)])
  const text = existsSync(tap) ? readFileSync(tap, 'utf8') : ''
  const passed = Number(/^# pass (\d+)$/m.exec(text)?.[1] ?? 0)
  const failures = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name)
  if (failures.length === 0 && !ok) failures.push('an error outside any check, which the output shows')
  return { passed, failures }
}

/** The subfolders whose checks the project promises to pass. */
const subfolders = ['server', 'money', 'drop', 'extend']

const testFiles = (folder) =>
  [folder, ...subfolders.map((name) => join(folder, name)).filter(existsSync)].flatMap((each) =>
    readdirSync(each)
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => join(each, name)),
  )

/** Its last lines are what failed, a line each, and "N passed, N failed". */
const badInputs = async (folder) => {
  const { ok, output } = await run([join(folder, 'bad-inputs.mjs')], { stdio: 'pipe' })
  const [, passed = 0, failed = 0] = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.map(Number) ?? []
  const failures = output
    .trimEnd()
    .split('\n')
    .slice(-1 - failed, -1)
  return { passed, failures: ok || failures.length > 0 ? failures : [output] }
}
