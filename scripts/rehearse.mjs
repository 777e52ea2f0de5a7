// Rehearses a release without publishing it: versions, changelogs, tarballs, and projects that install and use them.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { pnpm, pnpmCommand } from './install.mjs'
import { packageFolders, readJson, root } from './root.mjs'

const shell = process.platform === 'win32'
const consumer = join(root, 'scripts', 'consumer')

/** Installed beside our tarballs: their peer dependencies, and the compilers to check with. */
const peers = { 'fast-check': '4.10.2', ioredis: '6.0.0', knex: '3.3.0', pg: '8.23.1', '@types/node': '20.19.43' }
const compilers = { 'TS 5.9': '5.9.3', 'TS 6': '6.0.3', 'TS 7': '7.0.2' }
const aliasOf = (name) => name.toLowerCase().replaceAll(/[ .]/g, '')

const managers = {
  npm: { command: ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'] },
  // Corepack takes the version from the current folder.
  pnpm: {
    command: [...pnpmCommand(), 'install', '--ignore-scripts', '--prefer-offline'],
    manifest: { packageManager: readJson(join(root, 'package.json')).packageManager },
  },
  // Yarn caches tarballs by name and version, so it would reuse those of an earlier rehearsal.
  yarn: { command: ['npx', '--yes', 'yarn@1.22.22', 'install', '--ignore-scripts', '--cache-folder', 'yarn-cache'] },
}

const run = ([command, ...args], cwd) =>
  new Promise((done) => {
    execFile(command, args, { cwd, shell, encoding: 'utf8', maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      done({ ok: !error, output: `${stdout}${stderr}` }),
    )
  })

const must = async (what, command, cwd) => {
  const { ok, output } = await run(command, cwd)
  if (!ok) throw new Error(`${what} failed:\n${output}`)
}

const left = new Set(['.git', '.tsbuild', '.shop-data', 'reports'])

/** Copies the workspace with its links, but without the store that they point to. */
const copyWorkspace = async (copy) => {
  const store = join(root, 'node_modules')
  const filter = (path) => path !== store && !left.has(basename(path))
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter })
  cpSync(store, join(copy, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path === store || relative(store, path).startsWith('@changesets'),
  })
  const git = ['git', '-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost']
  await must('git init', ['git', 'init', '--quiet', '--initial-branch', 'main'], copy)
  await must('git add', ['git', 'add', '--all'], copy)
  await must('git commit', [...git, 'commit', '--quiet', '--message', 'As it is'], copy)
}

/** Bumps the versions and returns the one that all packages have. */
const version = async (copy) => {
  await must(
    'changeset version',
    [process.execPath, join(root, 'node_modules/@changesets/cli/bin.js'), 'version'],
    copy,
  )
  const versions = packageFolders().map((folder) => {
    const there = join(copy, 'packages', basename(folder))
    const { version: number, name } = readJson(join(there, 'package.json'))
    const changelog = join(there, 'CHANGELOG.md')
    if (!existsSync(changelog) || !readFileSync(changelog, 'utf8').includes(`## ${number}`)) {
      throw new Error(`${name} ${number} has no entry in its changelog`)
    }
    return number
  })
  const [number] = versions
  if (new Set(versions).size !== 1 || number === '0.0.0') throw new Error(`versions differ: ${versions.join(', ')}`)
  return number
}

const pack = (copy, folder) => {
  mkdirSync(folder)
  pnpm(['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const files = readdirSync(folder)
  return Object.fromEntries(
    packageFolders().map((path) => {
      const name = `@shop/${basename(path)}`
      const file = files.find((each) => each.startsWith(`shop-${basename(path)}-`))
      if (!file) throw new Error(`${name} was not packed`)
      return [name, `file:${join(folder, file)}`]
    }),
  )
}

const modes = {
  NodeNext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'bundler' },
}

const checks = Object.keys(compilers).flatMap((compiler) =>
  Object.keys(modes).map((mode) => ({ name: `${compiler} ${mode}`, compiler, mode })),
)

const makeProject = (folder, tarballs, manifest) => {
  cpSync(consumer, folder, { recursive: true })
  const aliases = Object.entries(compilers).map(([name, number]) => [aliasOf(name), `npm:typescript@${number}`])
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'an-empty-project',
      private: true,
      dependencies: { ...tarballs, ...peers, ...Object.fromEntries(aliases) },
      // These versions are not published yet.
      overrides: tarballs,
      resolutions: tarballs,
      pnpm: { overrides: tarballs },
      ...manifest,
    }),
  )
  for (const { name, mode } of checks) {
    const compilerOptions = {
      ...modes[mode],
      target: 'ES2022',
      lib: ['ES2023'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    }
    const files = mode === 'NodeNext' ? ['use.mts', 'use.cts'] : ['use.mts']
    writeFileSync(join(folder, `${aliasOf(name)}.json`), JSON.stringify({ compilerOptions, files }))
  }
}

/** Installs and uses the tarballs in a new project. Resolves with the result of each check. */
const tryOut = async (folder, { command, manifest }, tarballs) => {
  makeProject(folder, tarballs, manifest)
  const results = { install: await run(command, folder) }
  if (!results.install.ok) return results
  results.import = await run([process.execPath, 'use.mjs'], folder)
  results.require = await run([process.execPath, 'use.cjs'], folder)
  for (const { name, compiler } of checks) {
    const tsc = join('node_modules', aliasOf(compiler), 'bin', 'tsc')
    results[name] = await run([process.execPath, tsc, '-p', `${aliasOf(name)}.json`], folder)
  }
  return results
}

const table = (rows) => {
  const columns = Object.keys(rows)
  const names = ['install', 'import', 'require', ...checks.map(({ name }) => name)]
  const verdict = (result) => (result === undefined ? '–' : result.ok ? 'ok' : 'FAILS')
  const lines = names.map((name) => [name, ...columns.map((column) => verdict(rows[column][name]))])
  return [['', ...columns], ...lines]
    .map((line) =>
      line
        .map((cell) => cell.padEnd(16))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

/** Rehearses with the named package managers, or with all. Resolves with true if everything works everywhere. */
export const rehearse = async (only = []) => {
  const began = performance.now()
  const stage = mkdtempSync(join(tmpdir(), 'shop-release-'))
  try {
    const copy = join(stage, 'workspace')
    await copyWorkspace(copy)
    const number = await version(copy)
    const tarballs = pack(copy, join(stage, 'tarballs'))
    console.log(`packed ${Object.keys(tarballs).length} packages as ${number}, each with its changelog`)
    const rows = {}
    for (const [name, manager] of Object.entries(managers)) {
      if (only.length > 0 && !only.includes(name)) continue
      rows[name] = await tryOut(join(stage, name), manager, tarballs)
      for (const [check, { ok, output }] of Object.entries(rows[name])) {
        if (!ok) console.error(`\n${name}, ${check}:\n${output.slice(0, 4_000)}`)
      }
    }
    console.log(`\n${table(rows)}\n\n${Math.round((performance.now() - began) / 1_000)} s`)
    return Object.values(rows).every((row) => Object.values(row).every(({ ok }) => ok))
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}
