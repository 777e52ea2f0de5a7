// Packs each package as the tarball that would be published.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { pnpm } from './install.mjs'
import { faultsOf } from './package-contents.mjs'
import { packageFolders, root } from './root.mjs'
import { run } from './steps.mjs'

export const tarballs = join(root, 'reports', 'tarballs')

/** Packs every package and returns the files. */
export const packAll = () => {
  rmSync(tarballs, { recursive: true, force: true })
  mkdirSync(tarballs, { recursive: true })
  pnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', tarballs], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return packed()
}

/** The files of the last packing. */
export const packed = () => readdirSync(tarballs).map((name) => join(tarballs, name))

const faultsOfTarball = async (file) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-tarball-'))
  try {
    await promisify(execFile)('tar', ['-xzf', file, '--strip-components=1', '-C', folder])
    return (await faultsOf(folder)).map((fault) => `${basename(file)}: ${fault}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bin = (path) => join(root, 'node_modules', path)

/**
 * Checks the tarballs: publint finds files that would not load, are-the-types-wrong finds types that would not
 * compile, and package-contents.mjs finds what consumers would lack or install without need.
 */
export const checkPackages = async () => {
  const files = packAll()
  if (files.length !== packageFolders().length) throw new Error(`${files.length} packages were packed`)
  const checks = files.flatMap((file) => [
    [bin('publint/src/cli.js'), 'run', file, '--strict'],
    [bin('@arethetypeswrong/cli/dist/index.js'), file, '--profile', 'esm-only', '--no-emoji'],
  ])
  const results = await Promise.all(checks.map((args) => run(args, { stdio: 'pipe' })))
  const faults = (await Promise.all(files.map(faultsOfTarball))).flat()
  const failures = [...results.filter(({ ok }) => !ok).map(({ output }) => output), ...faults]
  return { passed: results.length + files.length - failures.length, failures }
}
