// Runs every check of the project.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { root } from './root.mjs'
import { readReport, run, step } from './steps.mjs'

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
    'examples/drop/page/tsconfig.json',
  ],
  lint: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
  dependencies: [
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.mjs',
    'packages',
    'scripts',
  ],
  'unused code': [bin('knip/bin/knip.js'), '--no-progress'],
  'public face': [join(root, 'scripts/api.mjs')],
}

export const runTests = async (vitestArgs) => [
  await step('build', async () => {
    await ensureBuilt()
    return { passed: 1 }
  }),
  await step('packages', async () => (await import('./packages.mjs')).checkPackages()),
  await step('sizes', async () => (await import('./sizes.mjs')).checkSizes()),
  ...(await Promise.all([
    step('examples', async () => (await import('./examples.mjs')).checkExamples(await packed())),
    ...Object.entries(staticChecks).map(([name, args]) => step(name, () => quiet(args))),
  ])),
  await step('tests', () => vitest(vitestArgs)),
]

/** The tarballs of the previous step. */
const packed = async () => (await import('./packages.mjs')).packed()

/**
 * Injects faults at every statement, instead of the few that the tests select. Prints its progress, and
 * resolves with its success.
 */
export const runCrashCampaign = async ([part = ''] = []) => {
  const args = ['run', '--project', 'integration', `packages/server-express/test/crash/${part}`]
  const env = { ...process.env, SHOP_CRASH: 'full' }
  const { ok } = await run([bin('vitest/vitest.mjs'), ...args, '--disable-console-intercept'], { env })
  return ok
}

const quiet = async (args) => {
  const { ok, output } = await run(args, { stdio: 'pipe' })
  return ok ? { passed: 1 } : { failures: [output] }
}

const vitest = async (args) => {
  rmSync(report, { force: true })
  mkdirSync(join(root, 'reports'), { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { ok } = await run([bin('vitest/vitest.mjs'), 'run', ...reporters, ...args])
  return readReport(report, ok)
}
