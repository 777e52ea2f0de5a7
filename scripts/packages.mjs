// What would be published: each package as the tarball that a registry would get.
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { pnpm } from './install.mjs'
import { packageFolders, root } from './root.mjs'
import { run } from './steps.mjs'

export const tarballs = join(root, 'reports', 'tarballs')

/** Packs every package anew and answers the files. */
export const packAll = () => {
  rmSync(tarballs, { recursive: true, force: true })
  mkdirSync(tarballs, { recursive: true })
  pnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', tarballs], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return packed()
}

/** The files of the last time. */
export const packed = () => readdirSync(tarballs).map((name) => join(tarballs, name))

/** What has to be in every tarball besides its code. */
const needed = ['package/LICENSE', 'package/README.md', 'package/package.json']

const lacks = async (file) => {
  const { stdout } = await promisify(execFile)('tar', ['-tzf', file])
  const names = new Set(stdout.split('\n'))
  return needed.filter((name) => !names.has(name)).map((name) => `${basename(file)} has no ${name}`)
}

const bin = (path) => join(root, 'node_modules', path)

/** publint finds what would not load; are-the-types-wrong finds what would not compile. Answers what each says. */
export const checkPackages = async () => {
  const files = packAll()
  if (files.length !== packageFolders().length) throw new Error(`${files.length} packages were packed`)
  const checks = files.flatMap((file) => [
    [bin('publint/src/cli.js'), 'run', file, '--strict'],
    [bin('@arethetypeswrong/cli/dist/index.js'), file, '--profile', 'esm-only', '--no-emoji'],
  ])
  const results = await Promise.all(checks.map((args) => run(args, { stdio: 'pipe' })))
  const missing = (await Promise.all(files.map(lacks))).flat()
  const failed = [...results.filter(({ ok }) => !ok), ...missing.map((output) => ({ output }))]
  for (const { output } of failed) console.error(output)
  return { passed: results.length + files.length - failed.length, failed: failed.length }
}
