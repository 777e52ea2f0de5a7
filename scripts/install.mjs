import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolders, readJson, root, StepFailed } from './root.mjs'
import { forget, hashOf, isCurrent, remember } from './stamp.mjs'

const shell = process.platform === 'win32'
const env = { ...process.env, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' }

/** Installs if the lockfile or a package.json changed since the last installation. */
export const ensureInstalled = () => {
  const hash = hashOf(inputs())
  if (isCurrent('install', hash)) return
  forget('install')
  const began = performance.now()
  pnpm(['install', '--frozen-lockfile', '--prefer-offline'])
  remember('install', hash)
  console.log(`installed in ${Math.round(performance.now() - began)} ms`)
}

/** Runs the pnpm that package.json pins. */
export const pnpm = (args, { stdio = 'inherit', cwd = root } = {}) => {
  const [command, ...before] = pnpmCommand()
  const { status, error } = spawnSync(command, [...before, ...args], { stdio, shell, env, cwd })
  if (status !== 0) throw new StepFailed(`pnpm ${args[0]} failed${error ? `: ${error.message}` : ''}`)
}

const inputs = () => {
  const folders = [
    ...packageFolders(),
    ...subfolders('examples'),
    join(root, 'test-support'),
    join(root, 'bench'),
    root,
  ]
  const settings = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'].map((name) => join(root, name))
  return [...settings, ...folders.map((folder) => join(folder, 'package.json'))]
}

const subfolders = (name) => {
  const folder = join(root, name)
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
}

/** Prefers a pnpm of this version on PATH, then corepack, which checks the hash, then npx. */
export const pnpmCommand = () => {
  const [, version] = /^pnpm@([^+]+)/.exec(readJson(join(root, 'package.json')).packageManager)
  const candidates = [['pnpm'], ['corepack', 'pnpm']]
  return candidates.find((candidate) => hasVersion(candidate, version)) ?? ['npx', '--yes', `pnpm@${version}`]
}

const hasVersion = ([command, ...before], version) => {
  const { stdout } = spawnSync(command, [...before, '--version'], { encoding: 'utf8', shell, env, cwd: root })
  return stdout?.trim() === version
}
