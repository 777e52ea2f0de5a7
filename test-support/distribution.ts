import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A program that can be started. */
export interface Program {
  readonly path: string
  /** Folders of libraries that it needs beside those of the system. */
  readonly libraries: string
}

export interface ProgramWanted {
  /** What it is called on the PATH; other names that serve as well follow. */
  readonly names: readonly string[]
  /** An environment variable that may hold its path. */
  readonly variable: string
  /** The packages of Debian or Ubuntu that hold it and the libraries it needs. */
  readonly packages: readonly string[]
  /** Where it is in them. */
  readonly file: string
  /** How to get one where none was found. */
  readonly advice: string
}

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../node_modules/.cache/shop-programs', import.meta.url))

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** The first of these programs that is installed. */
export const onPath = async (...names: readonly string[]): Promise<string | undefined> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (await isProgram(path)) return path
  }
  return undefined
}

const unpacked = async (folder: string, file: string): Promise<Program | undefined> => {
  const path = join(folder, file)
  if (!(await isProgram(path))) return undefined
  const lib = join(folder, 'usr/lib')
  const folders = await readdir(lib).catch(() => [])
  const libraries = folders.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(lib, name))
  return { path, libraries: libraries.join(delimiter) }
}

/** Takes the packages of a Debian or Ubuntu without installing them: no root is needed, and the machine stays as it was. */
const fetchFromDistribution = async ({ names, packages, file }: ProgramWanted): Promise<Program | undefined> => {
  const kept = join(cache, names[0] as string)
  const found = await unpacked(kept, file)
  if (found) return found
  if (!(await onPath('apt-get')) || !(await onPath('dpkg-deb'))) return undefined
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetch-'))
  try {
    for (const name of ['lists/partial', 'archives/partial']) await mkdir(join(folder, name), { recursive: true })
    const settings = [
      `Dir::State::lists=${folder}/lists`,
      `Dir::Cache=${folder}`,
      'Debug::NoLocking=1',
      'APT::Sandbox::User=',
    ]
    const apt = ['-qq', ...settings.flatMap((setting) => ['-o', setting])]
    await run('apt-get', [...apt, 'update'], { cwd: folder })
    await run('apt-get', [...apt, 'download', ...packages], { cwd: folder })
    for (const name of await readdir(folder)) {
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, 'unpacked'], { cwd: folder })
    }
    await rename(join(folder, 'unpacked'), kept).catch((error) => {
      // Another run was quicker.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return unpacked(kept, file)
}

/** What the variable names, else what is installed, else the distribution's own packages in a cache folder. Rejects where there is none. */
export const findProgram = async (wanted: ProgramWanted): Promise<Program> => {
  const installed = process.env[wanted.variable] ?? (await onPath(...wanted.names))
  if (installed) return { path: installed, libraries: '' }
  let cause: unknown
  const fetched = await fetchFromDistribution(wanted).catch((error: unknown) => {
    cause = error
    return undefined
  })
  if (fetched) return fetched
  throw new Error(wanted.advice, { cause })
}
