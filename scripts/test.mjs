// Every check of the project. Each step answers how many of its checks passed and failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { readJson, root } from './root.mjs'

const bin = (path) => join(root, 'node_modules', path)
const report = join(root, 'reports', 'vitest.json')

const staticChecks = {
  typecheck: [
    bin('typescript7/bin/tsc'),
    '-b',
    'tsconfig.json',
    'tsconfig.test.json',
    'examples/storefront/tsconfig.json',
    'examples/nestjs-service/tsconfig.json',
  ],
  lint: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
  dependencies: [
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.mjs',
    'packages',
  ],
  'unused code': [bin('knip/bin/knip.js'), '--no-progress'],
  sources: [join(root, 'scripts/check-sources.mjs')],
  'public face': [join(root, 'scripts/api.mjs')],
}

export const runTests = async (vitestArgs) => [
  await step('build', async () => ({ passed: (await succeeds(ensureBuilt)) ? 1 : 0 })),
  await step('packages', async () => (await import('./packages.mjs')).checkPackages()),
  await step('sizes', async () => (await import('./sizes.mjs')).checkSizes()),
  ...(await Promise.all([
    step('examples', async () => (await import('./examples.mjs')).checkExamples(await packed())),
    ...Object.entries(staticChecks).map(([name, args]) => step(name, () => quiet(name, args))),
  ])),
  await step('tests', () => vitest(vitestArgs)),
]

/** The tarballs that the step before has packed. */
const packed = async () => (await import('./packages.mjs')).packed()

/** Prints the sum as the last line, and makes it the exit status. */
export const finish = (steps) => {
  const passed = steps.reduce((sum, result) => sum + result.passed, 0)
  const failed = steps.reduce((sum, result) => sum + result.failed, 0)
  for (const { name, ms, ...counts } of steps) {
    console.log(`${counts.failed > 0 ? '✗' : '✓'} ${name}: ${counts.passed} passed, ${counts.failed} failed, ${ms} ms`)
  }
  process.exitCode = failed > 0 ? 1 : 0
  console.log(`${passed} passed, ${failed} failed`)
}

/** A step that counts nothing, or that breaks, is one failed check. */
export const step = async (name, work) => {
  const began = performance.now()
  const { passed = 0, failed = 0 } = await work().catch((error) => {
    console.error(error)
    return { failed: 1 }
  })
  const nothing = passed + failed === 0
  return { name, passed, failed: nothing ? 1 : failed, ms: Math.round(performance.now() - began) }
}

/** Runs a Node program; resolves with its exit status and, where `stdio` pipes it, its output. */
export const run = (args, { stdio = 'inherit', env = process.env } = {}) =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdio, stdio], env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.once('error', fail)
    child.once('close', (code) => done({ ok: code === 0, output }))
  })

/** Strikes at every statement, where the tests take a few; says how far it is, and answers whether all went well. */
export const runCrashCampaign = async ([part = ''] = []) => {
  const args = ['run', '--project', 'integration', `packages/server-express/test/crash/${part}`]
  const env = { ...process.env, SHOP_CRASH: 'full' }
  const { ok } = await run([bin('vitest/vitest.mjs'), ...args, '--disable-console-intercept'], { env })
  return ok
}

const quiet = async (name, args) => {
  const { ok, output } = await run(args, { stdio: 'pipe' })
  if (ok) return { passed: 1 }
  console.error(`\n${name}:\n${output}`)
  return { failed: 1 }
}

const succeeds = async (work) => {
  try {
    await work()
    return true
  } catch (error) {
    console.error(error.message)
    return false
  }
}

const vitest = async (args) => {
  rmSync(report, { force: true })
  mkdirSync(join(root, 'reports'), { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { ok } = await run([bin('vitest/vitest.mjs'), 'run', ...reporters, ...args])
  return countTests(report, ok)
}

/** What a report of vitest says, with the files it is about; `ok` is what the exit status said. */
export const countTests = (file, ok) => {
  if (!existsSync(file)) return { passed: 0, failed: 1, files: [] }
  const { testResults: results } = readJson(file)
  const tests = results.flatMap((result) => result.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const failed = tests.filter((test) => test.status === 'failed').length + results.filter(brokeOutsideTests).length
  // An error that belongs to no test shows in the exit status only.
  return { passed, failed: failed === 0 && !ok ? 1 : failed, files: results.map(({ name }) => name) }
}

const brokeOutsideTests = (file) =>
  file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
