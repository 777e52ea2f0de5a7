import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeTrials } from '../../src/conformance/index.js'
import { modes } from '../../src/conformance/kit/modes.js'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeAll(async () => {
  // Inside the package, so that its imports resolve.
  folder = await mkdtemp(join(packageFolder, 'node_modules', '.node-test-'))
  await build({
    entry: ['sound', 'forgetful'].map((name) => join(packageFolder, `test/kit/node-test/${name}.ts`)),
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    config: false,
    silent: true,
    // `test` exists only with its prefix.
    removeNodeProtocol: false,
    outExtension: () => ({ js: '.mjs' }),
  })
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (name: string, ...options: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const args = ['--test', '--test-reporter=tap', ...options, join(folder, `${name}.mjs`)]
    execFile(process.execPath, args, { cwd: packageFolder }, (_, stdout) => resolve(stdout))
  })

const timeout = 120_000

test('the kit runs under node --test', { timeout }, async () => {
  const told = await run('sound')
  expect(told).toContain(`# pass ${storeTrials.length + modes.length}\n`)
  expect(told).toContain('# fail 0\n')
})

test('a store that breaks a law fails under node --test, and the output names the law', { timeout }, async () => {
  const told = await run('forgetful', '--test-name-pattern=TRANSACT-KNOWN')
  expect(told).toMatch(/^ *not ok \d+ - TRANSACT-KNOWN /m)
  expect(told).toContain('TrialFailed')
})
