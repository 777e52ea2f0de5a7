// What would be published: each package as the tarball that a registry would get.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pnpm } from './install.mjs'
import { packageFolders, root } from './root.mjs'
import { run } from './test.mjs'

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
  const failed = results.filter(({ ok }) => !ok)
  for (const { output } of failed) console.error(output)
  return { passed: results.length - failed.length, failed: failed.length }
}
